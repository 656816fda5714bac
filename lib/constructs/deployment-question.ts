import { Stack } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import type { ILogGroup } from "aws-cdk-lib/aws-logs"
import { AwsCustomResource, AwsCustomResourcePolicy, type AwsSdkCall, PhysicalResourceId } from "aws-cdk-lib/custom-resources"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { acknowledgeFramework } from "./acknowledge.ts"

export interface DeploymentQuestionProps {
  readonly stage: Pick<StageConfig, "name">
  readonly logGroup: ILogGroup
  /** A call that the deployment makes, and the part of its answer that is used. */
  readonly call: Omit<AwsSdkCall, "physicalResourceId">
  readonly arn: string
  readonly permission: string
  readonly path: string
}

/** Asks AWS for a value during the deployment: one that exists only after other resources, or in another region. */
export function askAtDeployment(
  scope: Construct,
  id: string,
  { stage, logGroup, call, arn, permission, path }: DeploymentQuestionProps,
): string {
  const asked: AwsSdkCall = { ...call, outputPaths: [path], physicalResourceId: PhysicalResourceId.of(`${id}-${stage.name}`) }
  const resource = new AwsCustomResource(scope, id, {
    onUpdate: asked,
    installLatestAwsSdk: false,
    policy: AwsCustomResourcePolicy.fromStatements([new PolicyStatement({ actions: [permission], resources: [arn] })]),
    logGroup,
  })
  acknowledgeFramework(resource.grantPrincipal)
  return resource.getResponseField(path)
}

/** The value of a parameter in the stage's region, which a template of another region cannot refer to. */
export function parameterAtDeployment(
  scope: Construct,
  id: string,
  { stage, logGroup, name }: { readonly stage: StageConfig; readonly logGroup: ILogGroup; readonly name: string },
): string {
  return askAtDeployment(scope, id, {
    ...{ stage, logGroup },
    call: { service: "SSM", action: "getParameter", parameters: { Name: name }, region: stage.region },
    arn: Stack.of(scope).formatArn({ service: "ssm", region: stage.region, resource: "parameter", resourceName: name.slice(1) }),
    permission: "ssm:GetParameter",
    path: "Parameter.Value",
  })
}
