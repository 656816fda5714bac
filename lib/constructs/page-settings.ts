import { Fn, Stack } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { AwsCustomResource, AwsCustomResourcePolicy, type AwsSdkCall, PhysicalResourceId } from "aws-cdk-lib/custom-resources"
import { Construct } from "constructs"
import type { StageConfig as PageConfig } from "../../web/src/config/stage-config.ts"
import type { StageConfig } from "../config.ts"
import { acknowledgeFramework } from "./acknowledge.ts"
import { removalPolicyOf } from "./retention.ts"
import { signInParameterName } from "./shoppers.ts"
import type { WebAcl } from "./web-acl.ts"

export interface PageSettingsProps {
  readonly stage: StageConfig
  readonly webAcl: WebAcl
}

/** A call that the deployment makes, and the part of its answer that is used. */
interface Question {
  readonly call: Omit<AwsSdkCall, "physicalResourceId">
  readonly arn: string
  readonly permission: string
  readonly path: string
}

/**
 * The page's `/config.json` of a stage. Two of its values exist only after other resources: the ids of the user pool, in the
 * stage's region, to which a template of this region cannot refer, and the address of the challenge's script, which
 * CloudFormation does not return. The deployment asks for both.
 */
export class PageSettings extends Construct {
  readonly config: PageConfig
  readonly #logs: LogGroup

  constructor(scope: Construct, id: string, { stage, webAcl }: PageSettingsProps) {
    super(scope, id)
    this.#logs = new LogGroup(this, "Logs", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) })
    const [userPoolId, clientId] = this.#signIn(stage)
    this.config = {
      stage: stage.name,
      apiBaseUrl: "",
      signIn: { kind: "cognito", region: stage.region, userPoolId, clientId },
      payments: { kind: "stripe", publishableKey: stage.payments.publishableKey },
      ...(stage.edge.botControl && { challengeScriptUrl: this.#challenge(stage, webAcl) }),
    }
  }

  #signIn(stage: StageConfig): [userPoolId: string, clientId: string] {
    const name = signInParameterName(stage)
    const value = this.#ask(stage, "SignIn", {
      call: { service: "SSM", action: "getParameter", parameters: { Name: name }, region: stage.region },
      arn: Stack.of(this).formatArn({ service: "ssm", region: stage.region, resource: "parameter", resourceName: name.slice(1) }),
      permission: "ssm:GetParameter",
      path: "Parameter.Value",
    })
    const part = (index: number) => Fn.select(index, Fn.split(",", value))
    return [part(0), part(1)]
  }

  /**
   * WAF gives an address to a web ACL whose rules read the token, as those of Bot Control do. The documents do not say whether it
   * ends in a slash: two slashes become one. CloudFront could add the script to the HTML itself (automatic SDK integration), but
   * then it asks the origin for every object in another way.
   */
  #challenge(stage: StageConfig, { reference, arn }: WebAcl): string {
    const script = "/challenge.js"
    const url = this.#ask(stage, "Challenge", {
      call: { service: "WAFV2", action: "getWebACL", parameters: reference },
      arn,
      permission: "wafv2:GetWebACL",
      path: "ApplicationIntegrationURL",
    })
    return Fn.join(script, Fn.split(`/${script}`, `${url}${script}`))
  }

  #ask(stage: StageConfig, id: string, { call, arn, permission, path }: Question): string {
    const asked: AwsSdkCall = { ...call, outputPaths: [path], physicalResourceId: PhysicalResourceId.of(`${id}-${stage.name}`) }
    const resource = new AwsCustomResource(this, id, {
      onUpdate: asked,
      installLatestAwsSdk: false,
      policy: AwsCustomResourcePolicy.fromStatements([new PolicyStatement({ actions: [permission], resources: [arn] })]),
      logGroup: this.#logs,
    })
    acknowledgeFramework(resource.grantPrincipal)
    return resource.getResponseField(path)
  }
}
