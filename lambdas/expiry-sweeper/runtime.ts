import type { PutObject } from "../../core/adapters/archive/bucket.ts"
import { createEventLog, type EventLog } from "../../core/adapters/kafka/event-log.ts"
import { paymentEnvironment } from "../../core/adapters/payment/stripe.ts"
import { deleteOldCommands } from "../../core/adapters/postgres/command-memory.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { createRedisGuard } from "../../core/adapters/redis/guard.ts"
import { createSalesAtRest } from "../../core/adapters/redis/sales-at-rest.ts"
import { createTraceNotes } from "../../core/adapters/redis/trace-notes.ts"
import { openBucket } from "../../core/runtime/buckets.ts"
import {
  archiveEnvironment,
  functionConfig,
  kafkaEnvironment,
  postgresEnvironment,
  redisEnvironment,
  stageEnvironment,
} from "../../core/runtime/environment.ts"
import { openEndOffsets, openGroupOffsets, openKafka } from "../../core/runtime/kafka.ts"
import { defineRuntime, type Resources } from "../../core/runtime/lifecycle.ts"
import { openPaymentProvider } from "../../core/runtime/payment-provider.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { openTransitionParts } from "../../core/runtime/transition-runtime.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { relayLimits } from "../../core/workflows/allocation/relay-turn.ts"
import { createTracedEventLog } from "../../core/workflows/allocation/traced-events.ts"
import { createRedisWarmer } from "../../core/workflows/allocation/warm-redis.ts"
import { findRefunds } from "../../core/workflows/payments/find-refunds.ts"
import { reconcilePayments } from "../../core/workflows/payments/reconcile-payments.ts"
import { anchorHeads } from "./anchor.ts"
import { createObserveStock, observeRelay } from "./observe.ts"
import { createObserveGroups } from "./observe-groups.ts"
import { createObserveQueue } from "./observe-queue.ts"
import { createSteerLimits } from "./steer-limits.ts"
import { keepAlive, type SweeperTasks, sweep } from "./workflow.ts"

const config = functionConfig({
  ...stageEnvironment,
  ...postgresEnvironment,
  ...redisEnvironment,
  ...kafkaEnvironment,
  ...paymentEnvironment,
  ...archiveEnvironment,
})
/** The tasks of the sweeper, each with the connections that it may use up. */
export const runtime = defineRuntime(
  async (resources): Promise<SweeperTasks> => {
    const { REQUESTS_TOPIC: requestsTopic, EVENTS_TOPIC } = functionConfig(kafkaEnvironment)
    const transition = await openTransitionParts(resources, { poolSize: config.DATABASE_POOL_SIZE })
    const { pool: transitionPool, applyCommand, projection } = transition
    const pool = await openPool(resources, { role: "reader", size: 2 })
    const relayPool = await openPool(resources, { role: "relay", size: 1 })
    const checkoutPool = await openPool(resources, { role: "checkout", size: 1 })
    const provider = openPaymentProvider(await openRedis(resources))
    const redis = await openRedis(resources)
    const notes = createTraceNotes(redis, createRedisGuard(redis))
    const events = createTracedEventLog(openEventLog(resources, EVENTS_TOPIC), notes)
    const endOffsets = openEndOffsets(resources, "expiry-sweeper")
    const archive = openArchive()
    const completeness = createCompleteness(redis)
    return {
      heartbeat: () => keepAlive(transitionPool, applyCommand),
      sweep: () => sweep(pool, applyCommand),
      relay: () => relayLedger({ pool: relayPool, events }),
      warm: createRedisWarmer({
        ...{ pool, transitionPool, projection, endOffsets, requestsTopic },
        completeness,
        atRest: createSalesAtRest(redis),
      }),
      steerLimits: createSteerLimits({ pool, transitionPool, completeness }),
      observeStock: createObserveStock(pool, applyCommand),
      observeQueue: createObserveQueue({ pool, endOffsets, requestsTopic }),
      observeRelay: () => observeRelay(pool),
      observeGroups: createObserveGroups(openGroupOffsets(resources, "expiry-sweeper-groups"), EVENTS_TOPIC),
      forget: () => deleteOldCommands(transitionPool),
      anchor: async () => archive && anchorHeads(pool, archive),
      reconcile: () => reconcilePayments({ ...transition, pool: checkoutPool, provider, show: projection.project }),
      findRefunds: () => findRefunds({ ...transition, pool: checkoutPool, provider }),
    }
  },
  { eager: true },
)

/** The producer of the relay. A request of the relay may take as long as its send: a slow broker must still make progress. */
const openEventLog = (resources: Resources, topic: string): EventLog =>
  resources.own(createEventLog(openKafka("relay", { requestTimeoutMs: relayLimits.maxSendMs }), topic), {
    close: (events) => events.close(),
  })

/** Writes to the archive of the ledger's heads; undefined where there is none, as in the local run. */
function openArchive(): PutObject | undefined {
  const { LEDGER_ARCHIVE_BUCKET: bucket, LEDGER_ARCHIVE_URL: address } = config
  return bucket === undefined ? undefined : openBucket(bucket, address)
}
