import type { Context } from "aws-lambda"
import { archiveEnvironment, createBucket } from "../../core/adapters/archive/bucket.ts"
import {
  functionConfig,
  kafkaEnvironment,
  postgresEnvironment,
  redisEnvironment,
  stageEnvironment,
} from "../../core/adapters/config.ts"
import { readSecret } from "../../core/adapters/credentials.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog } from "../../core/adapters/kafka/event-log.ts"
import { createEndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { createPace } from "../../core/adapters/payment/pace.ts"
import { paymentEnvironment, stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { forgetCommands } from "../../core/adapters/postgres/command-memory.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { createSalesAtRest } from "../../core/adapters/redis/sales-at-rest.ts"
import { transitionRuntime } from "../../core/runtime/transition-runtime.ts"
import { projectReservations } from "../../core/workflows/allocation/project-commit.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { relayLimits } from "../../core/workflows/allocation/relay-turn.ts"
import { createRedisWarmer } from "../../core/workflows/allocation/warm-redis.ts"
import { reconcilePayments } from "../../core/workflows/payments/reconcile-payments.ts"
import { anchorHeads } from "./anchor.ts"
import { observeQueue, observeRelay, observeStock } from "./observe.ts"
import { keepAlive, runTasks, sweep } from "./workflow.ts"

const config = functionConfig({
  ...stageEnvironment,
  ...postgresEnvironment,
  ...redisEnvironment,
  ...kafkaEnvironment,
  ...paymentEnvironment,
  ...archiveEnvironment,
})

/** An invocation ends itself after this; the next one has begun by then. */
const invocationMs = 120_000
/** Time kept back for what is under way when the invocation ends. */
const endMarginMs = 5_000

const tasks = (async () => {
  const kafka = kafkaClient(config.KAFKA_BROKERS, "expiry-sweeper")
  // A broker that is slow must still get on: a request of the relay may take as long as its send.
  const events = createEventLog(kafkaClient(config.KAFKA_BROKERS, "relay", relayLimits.maxSendMs), config.EVENTS_TOPIC)
  const runtime = await transitionRuntime({ redisUrl: config.REDIS_URL, poolSize: config.DATABASE_POOL_SIZE })
  const relayPool = await postgresPool({ role: "relay", size: 1 })
  const checkoutPool = await postgresPool({ role: "checkout", size: 1 })
  const provider = stripeProvider({
    apiKey: () => readSecret("PAYMENT_API_KEY"),
    apiUrl: config.PAYMENT_API_URL,
    pace: createPace({ callsPerSecond: config.PAYMENT_CALLS_PER_SECOND, redis: redisClient(config.REDIS_URL) }),
  })
  const endOffsets = createEndOffsets(kafka)
  const redis = redisClient(config.REDIS_URL)
  const readerPool = await postgresPool({ role: "reader", size: 2 })
  const { LEDGER_ARCHIVE_BUCKET: bucket, LEDGER_ARCHIVE_URL: archiveUrl } = config
  const archive = bucket === undefined ? undefined : createBucket(bucket, archiveUrl)
  return {
    heartbeat: () => keepAlive(runtime.pool, runtime.applyCommand),
    sweep: () => sweep(readerPool, runtime.applyCommand),
    relay: () => relayLedger({ pool: relayPool, events }),
    warm: createRedisWarmer({
      pool: readerPool,
      transitionPool: runtime.pool,
      projection: runtime.projection,
      completeness: createCompleteness(redis),
      atRest: createSalesAtRest(redis),
      endOffsets,
      requestsTopic: config.REQUESTS_TOPIC,
    }),
    observeStock: () => observeStock(readerPool, runtime.applyCommand),
    observeQueue: () => observeQueue({ pool: readerPool, endOffsets, requestsTopic: config.REQUESTS_TOPIC }),
    observeRelay: () => observeRelay(readerPool),
    forget: () => forgetCommands(runtime.pool),
    anchor: async () => archive && anchorHeads(readerPool, archive),
    reconcile: () =>
      reconcilePayments({
        pool: checkoutPool,
        provider,
        applyCommand: runtime.applyCommand,
        markOrderPaid: runtime.markOrderPaid,
        show: (ids) => projectReservations(runtime, ids),
      }),
  }
})()

/** Every minute: holds end, sales close, the ledger is published, Redis is kept warm, payments are reconciled. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  const endsAtMs = performance.now() + invocationMs
  await runTasks(await tasks, () => Math.min(endsAtMs - performance.now(), context.getRemainingTimeInMillis() - endMarginMs))
}
