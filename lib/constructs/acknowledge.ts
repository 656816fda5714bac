import { Stack, Validations } from "aws-cdk-lib"
import type { IPrincipal } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"

type Resolved = string | Record<string, unknown>

/** cdk-nag names a finding by the ARN as it reads in the template, references in angle brackets. */
function asReported(part: Resolved): string {
  if (typeof part === "string") return part
  const { Ref: name, "Fn::GetAtt": attribute, "Fn::Join": join } = part
  if (typeof name === "string") return `<${name}>`
  if (Array.isArray(attribute)) return `<${attribute.join(".")}>`
  if (Array.isArray(join) && join[0] === "") return (join[1] as Resolved[]).map(asReported).join("")
  return JSON.stringify(part)
}

/**
 * Acknowledges a policy's resource that ends in a wildcard, where AWS allows nothing narrower. cdk-nag still finds any other
 * wildcard of the role.
 */
export function acknowledgeWildcard(role: Construct, arn: string, reason: string): void {
  const finding = asReported(Stack.of(role).resolve(arn) as Resolved)
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${finding}]`, reason })
}

/**
 * Acknowledges what CDK's own functions have: the functions behind its custom resources, which run at a deployment only.
 * @param role the role of such a function; the function is its parent
 * @returns the function
 */
export function acknowledgeFramework(role: IPrincipal): Construct {
  const framework = Construct.isConstruct(role) ? role.node.scope : undefined
  if (!(framework instanceof Construct)) throw new Error("The role of a framework function is no child of its function")
  const acknowledge = (id: string, reason: string) => Validations.of(framework).acknowledge({ id, reason })
  acknowledge(
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    "CDK's framework function writes its log with the policy that AWS made for that.",
  )
  acknowledge("AwsSolutions-L1", "The version of CDK decides the runtime of its framework functions.")
  return framework
}
