import { Fn } from "aws-cdk-lib"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { Construct } from "constructs"
import type { StageConfig as PageConfig } from "../../web/src/config/stage-config.ts"
import type { StageConfig } from "../config.ts"
import { askAtDeployment, parameterAtDeployment } from "./deployment-question.ts"
import { removalPolicyOf } from "./retention.ts"
import { signInParameterName } from "./shoppers.ts"
import type { WebAcl } from "./web-acl.ts"

export interface PageSettingsProps {
  readonly stage: StageConfig
  readonly webAcl: WebAcl
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
    const value = parameterAtDeployment(this, "SignIn", { stage, logGroup: this.#logs, name: signInParameterName(stage) })
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
    const url = askAtDeployment(this, "Challenge", {
      ...{ stage, logGroup: this.#logs },
      call: { service: "WAFV2", action: "getWebACL", parameters: reference },
      arn,
      permission: "wafv2:GetWebACL",
      path: "ApplicationIntegrationURL",
    })
    return Fn.join(script, Fn.split(`/${script}`, `${url}${script}`))
  }
}
