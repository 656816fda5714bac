import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import type { EventSourceConfig } from "../config.ts"
import type { SaleFunction } from "./sale-function.ts"

export interface EventSourceProps {
  readonly function: SaleFunction
  readonly clusterArn: string
  readonly topic: string
  /** The consumer group, by name: a generated one would start anew when the mapping is replaced. */
  readonly group: string
  readonly config: EventSourceConfig
  /** The login of the pollers, where brokers ask for a password; with IAM it is the function's role. */
  readonly scramSecretArn?: string
}

/**
 * Feeds a consumer group's function with a topic. Made of the resource itself: the construct above it knows neither retries without
 * end together with partial failures, nor leaves the batching window out of its own accord.
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
      // There is no destination for failures: with one, "for ever" becomes ten, and an outage would drop what was accepted.
      maximumRetryAttempts: config.retryAttempts,
      functionResponseTypes: ["ReportBatchItemFailures"],
      provisionedPollerConfig: { minimumPollers: config.pollers.minimum, maximumPollers: config.pollers.maximum },
      ...(scramSecretArn !== undefined && {
        sourceAccessConfigurations: [{ type: "SASL_SCRAM_512_AUTH", uri: scramSecretArn }],
      }),
    })
    // The mapping reads as soon as it exists; the role must be able to by then.
    this.mapping.node.addDependency(props.function.role)
  }
}
