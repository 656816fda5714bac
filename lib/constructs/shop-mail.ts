import { ArnFormat, Duration, Stack } from "aws-cdk-lib"
import { Match, Rule } from "aws-cdk-lib/aws-events"
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { CfnConfigurationSetEventDestination, ConfigurationSet, SuppressionReasons } from "aws-cdk-lib/aws-ses"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { configurationSetName } from "../configuration-set-name.ts"
import type { Connectable } from "./connectable.ts"
import type { SaleFunction } from "./sale-function.ts"

export interface ShopMailProps {
  readonly stage: StageConfig
  readonly domain: NonNullable<StageConfig["domain"]>
  readonly senderAddress: string
  /** Records what SES reports. */
  readonly feedback: SaleFunction
}

/**
 * Mail through Amazon SES. The domain of the sender is verified by hand before the user pool is made (docs/DEPLOY.md): Cognito
 * refuses an address that is not, so that the stage cannot make the identity itself. SES keeps addresses that bounce or complain,
 * and sends them nothing more.
 */
export class ShopMail extends Construct {
  readonly #props: ShopMailProps
  readonly #configurationSet: string

  constructor(scope: Construct, id: string, props: ShopMailProps) {
    super(scope, id)
    this.#props = props
    const { stage, feedback } = props
    this.#configurationSet = configurationSetName(stage)
    const set = new ConfigurationSet(this, "ConfigurationSet", {
      configurationSetName: this.#configurationSet,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    })
    const reports = new CfnConfigurationSetEventDestination(this, "Reports", {
      configurationSetName: set.configurationSetName,
      eventDestination: {
        enabled: true,
        matchingEventTypes: ["bounce", "complaint"],
        eventBridgeDestination: { eventBusArn: this.#arn("events", "event-bus", "default") },
      },
    })
    const rule = new Rule(this, "Feedback", {
      description: `Mails of ${stage.name} that bounced or were unwanted`,
      eventPattern: {
        source: ["aws.ses"],
        detailType: Match.anyOf("Email Bounced", "Email Complaint Received"),
        detail: { mail: { tags: { "ses:configuration-set": [this.#configurationSet] } } },
      },
      targets: [new LambdaFunction(feedback.function, { retryAttempts: 10, maxEventAge: Duration.hours(6) })],
    })
    rule.node.addDependency(reports)
  }

  /** Lets a function send from the sender's address alone, and sets its environment. */
  sentBy(client: Connectable): void {
    const { domain, senderAddress } = this.#props
    const senderDomain = senderAddress.slice(senderAddress.lastIndexOf("@") + 1)
    client.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["ses:SendEmail"],
        resources: [
          this.#arn("ses", "identity", senderDomain),
          this.#arn("ses", "identity", senderAddress),
          this.#arn("ses", "configuration-set", this.#configurationSet),
        ],
        conditions: { StringEquals: { "ses:FromAddress": senderAddress } },
      }),
    )
    client.addEnvironment("MAIL_FROM", senderAddress)
    client.addEnvironment("MAIL_CONFIGURATION_SET", this.#configurationSet)
    client.addEnvironment("SHOP_URL", `https://${domain.siteName}`)
    client.addEnvironment("CATALOGUE_URL", `https://${domain.siteName}`)
  }

  #arn(service: string, resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME })
  }
}
