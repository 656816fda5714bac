import { Duration, Stack, Validations } from "aws-cdk-lib"
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations"
import type { ITopic } from "aws-cdk-lib/aws-sns"
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions"
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs"
import { Construct } from "constructs"
import type { PagedTopic } from "../../core/contracts/pages.ts"
import { type Priority, priorities } from "../alarms/definition.ts"
import type { StageConfig } from "../config.ts"
import { SaleFunction } from "./sale-function.ts"
import { descriptions } from "./sale-functions.ts"
import type { Secrets } from "./secrets.ts"

export interface PagerProps {
  readonly stage: StageConfig
  readonly pagers: NonNullable<StageConfig["pagers"]>
  readonly topics: Readonly<Record<Priority, ITopic>>
  readonly secrets: Secrets
}

/** Undelivered pages are kept for so long, for those who look for them afterwards. */
const keptDays = 4

/**
 * Pages people through PagerDuty or Opsgenie. The function is outside the network and has concurrency of its own: no sale keeps a
 * page from leaving. A page that no attempt delivers is kept in a queue, and PagerFailing sends a mail.
 */
export class Pager extends Construct {
  readonly function: SaleFunction

  constructor(scope: Construct, id: string, { stage, pagers, topics, secrets }: PagerProps) {
    super(scope, id)
    this.function = new SaleFunction(this, "pager", { stage, name: "pager", description: descriptions.pager })
    const pager = this.function
    secrets.grant(pager, "PAGER_KEYS")
    const undelivered = new Queue(this, "Undelivered", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(keptDays),
    })
    Validations.of(undelivered).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is where failed calls of the pager end: it has no consumer and needs no queue behind it.",
    })
    pager.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(undelivered),
    })
    const paged: Record<string, PagedTopic> = {}
    for (const priority of priorities) {
      const config = pagers[priority]
      if (config === undefined) continue
      const topic = topics[priority]
      topic.addSubscription(new LambdaSubscription(pager.function))
      paged[topic.topicArn] = { priority, ...config }
    }
    pager.addEnvironment("PAGERS", Stack.of(this).toJsonString(paged))
  }
}
