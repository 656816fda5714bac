import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import type { EventSourceConfig } from "../config.ts"
import type { SaleFunction } from "./sale-function.ts"

export interface EventSourceProps {
  readonly function: SaleFunction
  readonly clusterArn: string
  readonly topic: string
  /** The name of the consumer group. A generated name would start from the beginning when the mapping is replaced. */
  readonly group: string
  readonly config: EventSourceConfig
  /** The login of the pollers, if brokers ask for a password. With IAM the pollers use the function's role. */
  readonly scramSecretArn?: string
}

/**
 * Delivers a topic to a function, in a consumer group. It uses the CloudFormation resource: CDK's construct cannot combine
 * retries without end with partial failures, and does not leave out the batching window.
 */
export class EventSource extends Construct {
  readonly mapping: CfnEventSourceMapping

  constructor(scope: Construct, id: string, props: EventSourceProps) {
    super(scope, id)
    const { config, scramSecretArn } = props
    this.mapping = new CfnEventSourceMapping(this, "Mapping", {
      functionName: props.function.target.functionArn,
      eventSourceArn: props.clusterArn,
      topics: [props.topic],
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: props.group },
      startingPosition: "TRIM_HORIZON",
      batchSize: config.batchSize,
      maximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,
      // No destination for failures: with one Lambda retries ten times only, and an outage would drop accepted requests.
      maximumRetryAttempts: config.retryAttempts,
      functionResponseTypes: ["ReportBatchItemFailures"],
      provisionedPollerConfig: { minimumPollers: config.pollers.minimum, maximumPollers: config.pollers.maximum },
      ...(scramSecretArn !== undefined && {
        sourceAccessConfigurations: [{ type: "SASL_SCRAM_512_AUTH", uri: scramSecretArn }],
      }),
    })
    // The mapping reads as soon as it exists: the role needs its rights before.
    this.mapping.node.addDependency(props.function.role)
  }
}
