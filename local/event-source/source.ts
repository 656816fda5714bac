import { setTimeout as delay } from "node:timers/promises"
import type { EachBatchPayload } from "kafkajs"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { createLane, type Deliver, type Lane } from "./lane.ts"

/** Membership of the group: a process that dies is replaced after the session has ended. The broker allows no less than 6 s. */
const sessionTimeoutMs = 6_000
const heartbeatIntervalMs = 1_000
const rebalanceTimeoutMs = 6_000

/**
 * How long a fetch waits on the broker while nothing arrives; a record ends the wait at once. It delays only a partition that comes back
 * from a pause, which the fetch under way does not ask for.
 */
const maxWaitMs = 50
/** Some 3,500 records; more at once would hold up the event loop while they are decoded. */
const maxFetchBytes = 256 * 1_024

/** After this a delivery goes on alone: its partition pauses, the others are fetched and the group hears of us meanwhile. */
const patienceMs = 200

/** Errors that kafkajs gets over by itself; the next one is a crash. */
const consumerRetries = 5
/** Pause before another consumer is made in place of one that crashed; it doubles while none of them joins. */
const firstReconnectMs = 250
const longestReconnectMs = 1_000

export interface EventSourceOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
  readonly partitionsAtOnce: number
  readonly deliver: Deliver
  /** Told after each delivery how many records of the partition are left. */
  readonly onLag?: (partition: number, records: number) => void
}

export interface EventSource {
  /** Joins the group and begins to deliver; resolves when it is a member. */
  start(): Promise<void>
  /** Lets deliveries under way end, commits them and leaves the group. */
  stop(): Promise<void>
}

/**
 * What an MSK event source mapping does for one topic and consumer group: delivers records to a function in order per partition, from
 * the earliest record when the group is new, and commits what the function has processed.
 *
 * Position and committed offset are always the same: nothing is fetched ahead. So a rebalance or a crash can only repeat records, not skip any.
 */
export function createEventSource(options: EventSourceOptions): EventSource {
  const { topic, groupId, brokers, deliver, onLag } = options
  const lanes = new Map<number, Lane>()
  const joined = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  let running: Promise<void> | undefined
  let crashes = 0

  const laneOf = (partition: number): Lane => {
    const lane = lanes.get(partition) ?? createLane(topic, partition, deliver)
    lanes.set(partition, lane)
    return lane
  }

  async function eachBatch(payload: EachBatchPayload, isCurrent: () => boolean): Promise<void> {
    const { partition, messages, highWatermark } = payload.batch
    const lane = laneOf(partition)
    const resumeAfter = async (settled: Promise<unknown>) => {
      const resume = payload.pause()
      await settled
      if (!isStopping()) resume()
    }
    if (isStopping()) {
      payload.pause()
      return
    }
    // The group was joined anew while the function was still at work on this partition.
    if (lane.busy) {
      void resumeAfter(lane.busy)
      return
    }
    const delivery = lane.deliver({ messages, checkpoint: checkpointOf(payload, isCurrent) }, isStopping)
    const waitMs = await Promise.race([delivery, delay(patienceMs, undefined)])
    if (waitMs !== 0) void resumeAfter(delivery.then((backoffMs) => pauseFor(backoffMs)))
    onLag?.(partition, Number(highWatermark) - Number(messages.at(-1)?.offset) - 1)
  }

  const pauseFor = (milliseconds: number) => delay(milliseconds, undefined, { signal: stopping.signal }).catch(() => {})

  /** One consumer from its first connection to its crash, or to the end. kafkajs restarts some crashes itself, not all: here every one is. */
  async function consume(): Promise<void> {
    const consumer = kafkaClient(brokers, groupId).consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition: maxFetchBytes,
      allowAutoTopicCreation: false,
      retry: { retries: consumerRetries, restartOnFailure: async () => false },
    })
    let generation = 0
    const crashed = new Promise<never>((_resolve, reject) => {
      consumer.on("consumer.crash", ({ payload }) => {
        generation += 1
        reject(payload.error)
      })
    })
    crashed.catch(() => {})
    consumer.on("consumer.group_join", () => {
      generation += 1
      crashes = 0
      joined.resolve()
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.partitionsAtOnce,
        eachBatch: (payload) => {
          const mine = generation
          return eachBatch(payload, () => generation === mine)
        },
      })
      await Promise.race([crashed, aborted(stopping.signal)])
    } finally {
      await Promise.all([...lanes.values()].map(({ busy }) => busy))
      await consumer.disconnect()
    }
  }

  async function consumeForEver(): Promise<void> {
    while (!isStopping()) {
      try {
        await consume()
      } catch (error) {
        logger.warn("The consumer is made anew", { topic, groupId, error: error as Error })
        await pauseFor(Math.min(longestReconnectMs, firstReconnectMs * 2 ** crashes++))
      }
    }
  }

  return {
    async start() {
      running ??= consumeForEver()
      await Promise.race([joined.promise, running])
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })))

/** Commits and goes on from the offset, unless the partition was handed out again meanwhile: its owner then begins at the last commit. */
function checkpointOf({ batch, commitOffsetsIfNecessary, resolveOffset }: EachBatchPayload, isCurrent: () => boolean) {
  const { topic, partition } = batch
  return async (nextOffset: number) => {
    if (!isCurrent()) throw new Error("The partition was handed out again during the delivery")
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }] })
    if (isCurrent()) resolveOffset(String(nextOffset - 1))
  }
}
