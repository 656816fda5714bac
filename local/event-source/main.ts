import { setTimeout as delay } from "node:timers/promises"
import type { Context } from "aws-lambda"
import { z } from "zod"
import { consumerGroup, type GroupName, groupIdOf, groupNames } from "../../core/contracts/consumer-groups.ts"
import type { MskEvent } from "../../core/contracts/msk-event.ts"
import { functionConfig, kafkaEnvironment } from "../../core/runtime/environment.ts"
import { environmentTopics } from "../../core/runtime/kafka.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import { asFunction } from "../host/function-in-work.ts"
import { lambdaContext } from "../host/lambda-context.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { closeFunctions, type FunctionModule } from "../host/runtimes.ts"
import { warmProcess } from "../host/warm-up.ts"
import { collectMetrics, serveMetrics } from "../metrics/endpoint.ts"
import { toMskEvent } from "./msk-event.ts"
import { createEventSource } from "./source.ts"

/** The timeout of the function. The function sees the time left and ends by itself; nothing can end it here. */
const functionTimeoutMs = 60_000
/** When the process is to end, a function that still retries gets this time. */
const stopWithinMs = 5_000

const config = functionConfig({
  ...kafkaEnvironment,
  EVENT_SOURCE: z.enum(groupNames() as [GroupName, ...GroupName[]]),
  /** Another name for the group, for tests that share one Kafka. */
  CONSUMER_GROUP: z.string().min(1).optional(),
  /** Slows the consumer down, for demonstrations of its lag: it waits so long before each delivery. */
  DELIVERY_DELAY_MS: z.coerce.number().int().min(0).max(10_000).default(0),
  LOCAL_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
})
const group = config.EVENT_SOURCE
const { lambda: functionName, topic, eventSource: delivers } = consumerGroup(group)

const collector = collectMetrics()
if (config.LOCAL_METRICS_PORT !== undefined) await serveMetrics(collector, config.LOCAL_METRICS_PORT)

interface ConsumerFunction extends FunctionModule {
  /** Absent for a function that no shopper waits for. */
  readonly rounds?: PrepareRounds
  readonly handler: (event: MskEvent, context: Context) => Promise<unknown>
}
const consumer = (await import(`../../lambdas/${functionName}/handler.ts`)) as ConsumerFunction
const functions = new Map([[functionName, consumer]])

let stopsAtMs = Number.POSITIVE_INFINITY

const eventSource = createEventSource({
  brokers: config.KAFKA_BROKERS,
  topic: environmentTopics()[topic],
  groupId: config.CONSUMER_GROUP ?? groupIdOf(group, config.REQUESTS_GENERATION),
  delivers,
  async deliver(topic, partition, messages) {
    if (config.DELIVERY_DELAY_MS > 0) await delay(config.DELIVERY_DELAY_MS)
    const endsAtMs = performance.now() + functionTimeoutMs
    const context = lambdaContext(functionName, () => Math.min(endsAtMs, stopsAtMs) - performance.now())
    return asFunction(functionName, () => consumer.handler(toMskEvent(topic, partition, messages, config.KAFKA_BROKERS), context))
  },
  onLag: (partition, records) =>
    collector.add([
      {
        name: "kafka.consumer.lag",
        unit: "Count",
        labels: { function: functionName, group, partition: String(partition) },
        values: [records],
      },
    ]),
})

const stop = stopRequested()
const warmWhileServing = await warmProcess(functions, consumer.rounds)
await Promise.race([eventSource.start(), stop])
announceReady({ function: functionName, group })
warmWhileServing()

await stop
stopsAtMs = performance.now() + stopWithinMs
await eventSource.stop()
await closeFunctions(functions)
process.exit(0)
