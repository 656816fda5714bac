import { Stack, Validations } from "aws-cdk-lib"
import type { Construct } from "constructs"

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
