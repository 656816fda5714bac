import { logger } from "../../core/adapters/telemetry.ts"
import type { EventSourceConfig } from "../../core/contracts/consumer-groups.ts"
import { createBatches, pauseFor } from "./batches.ts"
import { runConsumer } from "./consumer.ts"
import type { Deliver } from "./partition-worker.ts"

/** The pause before a new consumer replaces one that crashed. It doubles until a consumer joins the group. */
const firstReconnectMs = 250
const longestReconnectMs = 1_000

export interface EventSourceOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
  readonly delivers: EventSourceConfig
  readonly deliver: Deliver
  /** Called after each delivery with the number of records that are left in the partition. */
  readonly onLag?: (partition: number, records: number) => void
}

export interface EventSource {
  /** Joins the group and begins to deliver; resolves when it is a member. */
  start(): Promise<void>
  /** Lets the deliveries in progress end, commits them and leaves the group. */
  stop(): Promise<void>
}

/**
 * Does what an MSK event source mapping does for one topic and consumer group: delivers records to a function in order per
 * partition, from the earliest record when the group is new, and commits the records that the function has processed.
 *
 * The position of a partition always equals its committed offset: nothing is fetched ahead of a delivery. So a rebalance or a
 * crash can only repeat records and never skips one.
 */
export function createEventSource({ deliver, onLag, ...member }: EventSourceOptions): EventSource {
  const { topic, groupId } = member
  const stopping = new AbortController()
  const stop = stopping.signal
  const batches = createBatches({ topic, batchSize: member.delivers.batchSize, deliver, onLag, stop })
  const joined = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let crashes = 0

  const onJoin = () => {
    crashes = 0
    joined.resolve()
  }

  async function consumeUntilStopped(): Promise<void> {
    while (!stop.aborted) {
      try {
        await runConsumer({ ...member, onJoin, onBatch: batches.handle, settled: batches.settled }, stop)
      } catch (error) {
        logger.warn("The consumer failed; a new one replaces it", { topic, groupId, failures: crashes, error: error as Error })
        await pauseFor(Math.min(longestReconnectMs, firstReconnectMs * 2 ** crashes++), stop)
      }
    }
  }

  return {
    async start() {
      running ??= consumeUntilStopped()
      await Promise.race([joined.promise, running])
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
