import type { Consumer, EachBatchPayload } from "kafkajs"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import type { EventSourceConfig } from "../../core/contracts/consumer-groups.ts"
import { maxWaitMs, waitShortlyWhilePaused } from "./fetch-wait.ts"

/** The broker gives the partitions of a dead process to another one after this time. It allows no less than 6 s. */
const sessionTimeoutMs = 6_000
const heartbeatIntervalMs = 1_000
const rebalanceTimeoutMs = 6_000

/** About 3,500 records. More records would block the event loop while kafkajs decodes them. */
const maxFetchBytes = 256 * 1_024

/** kafkajs repeats a failed call this many times; the next failure is a crash. */
const consumerRetries = 5

export interface GroupMember {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
  readonly delivers: EventSourceConfig
  /** Called when the consumer has joined the group, and again after each rebalance. */
  readonly onJoin: () => void
  /** @param isCurrent false once the group has assigned the partitions again */
  readonly onBatch: (payload: EachBatchPayload, isCurrent: () => boolean) => Promise<void>
  /** Resolves when no batch is in progress: the consumer leaves the group after that. */
  readonly settled: () => Promise<unknown>
}

/**
 * Runs one consumer from its first connection until it crashes or `stop` is aborted. kafkajs would restart a consumer after some
 * crashes and not after others; here the caller restarts it after every crash.
 *
 * @throws the error of the crash, or of the connection
 */
export async function runConsumer(member: GroupMember, stop: AbortSignal): Promise<void> {
  const { topic, delivers, onBatch, settled } = member
  const consumer = newConsumer(member)
  const { crashed, generation } = watchGroup(consumer, member.onJoin)
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: delivers.concurrency,
      eachBatch: (payload) => {
        const assigned = generation()
        return onBatch(payload, () => generation() === assigned)
      },
    })
    await Promise.race([crashed, aborted(stop)])
  } finally {
    await settled()
    await consumer.disconnect()
  }
}

function newConsumer({ brokers, groupId, delivers }: GroupMember): Consumer {
  waitShortlyWhilePaused()
  const windowMs = 1_000 * delivers.maximumBatchingWindowSeconds
  return kafkaClient(brokers, groupId).consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatIntervalMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    // A batching window: the broker answers when it has so many bytes, or when the window ends.
    ...(windowMs > 0 ? { minBytes: maxFetchBytes, maxWaitTimeInMs: windowMs } : { maxWaitTimeInMs: maxWaitMs }),
    maxBytesPerPartition: maxFetchBytes,
    allowAutoTopicCreation: false,
    retry: { retries: consumerRetries, restartOnFailure: async () => false },
  })
}

/** Counts the assignments of partitions to this consumer; `crashed` rejects when the consumer crashes. */
function watchGroup(consumer: Consumer, onJoin: () => void): { crashed: Promise<never>; generation: () => number } {
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
    onJoin()
  })
  return { crashed, generation: () => generation }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })))
