import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import { consumerGroup, type EventSourceConfig, type GroupName, groupIdOf } from "../../core/contracts/consumer-groups.ts"
import { unfinishedDeliveries } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import { generationOf } from "../requests-generation.ts"
import type { EventLog } from "./event-log.ts"
import type { SaleFunction } from "./sale-function.ts"

export interface EventSourceProps {
  readonly stage: StageConfig
  readonly log: EventLog
  readonly function: SaleFunction
  /** Its name at the brokers. A generated name would start from the beginning when the mapping is replaced. */
  readonly group: GroupName
}

/**
 * Delivers a topic to a function, in a consumer group. It uses the CloudFormation resource: CDK's construct cannot combine
 * retries without end with partial failures, and does not leave out the batching window. A mapping keeps its topic and its group:
 * another generation of the requests is another mapping, with an id of its own. CloudFormation makes it before it deletes the
 * one of the generation before.
 */
export class EventSource extends Construct {
  readonly mapping: CfnEventSourceMapping

  constructor(scope: Construct, id: string, { stage, log, group, function: consumer }: EventSourceProps) {
    super(scope, id)
    const { clusterArn, topicName, login } = log.feeds(consumer, group)
    const config = stage.eventSources[group]
    this.mapping = new CfnEventSourceMapping(this, "Mapping", {
      functionName: consumer.target.functionArn,
      eventSourceArn: clusterArn,
      topics: [topicName],
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: groupIdOf(group, generationOf(stage)) },
      startingPosition: "TRIM_HORIZON",
      batchSize: config.batchSize,
      maximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,
      ...(stage.eventDelivery === "provisioned" && provisioned(stage, group, config)),
      // With IAM the pollers use the function's role.
      ...(login && { sourceAccessConfigurations: [{ type: "SASL_SCRAM_512_AUTH", uri: login.secretArn }] }),
    })
    // The mapping reads as soon as it exists: the role needs its rights before.
    this.mapping.node.addDependency(consumer.role)
    if (stage.eventDelivery === "on-demand") consumer.addEnvironment(unfinishedDeliveries.variable, unfinishedDeliveries.thrown)
  }
}

/**
 * What exists only for mappings with pollers of their own: failures of single records, and a bound of retries. An on-demand
 * mapping delivers a failed batch again until it succeeds; its function must throw.
 * Source: docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html, "Advanced error handling".
 */
const provisioned = ({ name }: StageConfig, group: GroupName, { pollers, retryAttempts }: EventSourceConfig) => ({
  // No destination for failures: with one Lambda retries ten times only, and an outage would drop accepted requests.
  maximumRetryAttempts: retryAttempts,
  functionResponseTypes: ["ReportBatchItemFailures"],
  provisionedPollerConfig: {
    minimumPollers: pollers.minimum,
    maximumPollers: pollers.maximum,
    // Groups for whose work nobody waits share a poller unit, which is billed by the hour. The writer shares with nobody.
    ...(!consumerGroup(group).isWaitedFor && { pollerGroupName: `flash-sale-${name}-events` }),
  },
})
