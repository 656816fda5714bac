import { setTimeout as delay } from "node:timers/promises"
import type { Admin, ITopicConfig } from "kafkajs"

/** How long the brokers may take to create the topics and elect their leaders. */
const createTimeoutMs = 20_000
const pollMs = 50

/**
 * Creates topics, and waits until the leader of each partition answers.
 *
 * kafkajs can wait, too. But a broker that does not know a new topic yet answers "this server does not host this
 * topic-partition", and kafkajs takes that for a failure.
 *
 * @throws kafkajs' errors; Error when a topic has no leaders in time
 */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  const endsAtMs = performance.now() + createTimeoutMs
  await admin.createTopics({ topics, waitForLeaders: false, timeout: createTimeoutMs })
  const names = topics.map(({ topic }) => topic)
  while (!(await haveLeaders(admin, names))) {
    if (performance.now() > endsAtMs)
      throw new Error(`The topics ${names.join(", ")} have no leaders after ${createTimeoutMs} ms`)
    await delay(pollMs)
  }
}

/** A broker is known as the leader of a partition before it knows so itself: only its answer shows that it does. */
async function haveLeaders(admin: Admin, names: string[]): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: names })
    if (topics.some(({ partitions }) => partitions.some(({ leader }) => leader < 0))) return false
    await Promise.all(names.map((name) => admin.fetchTopicOffsets(name)))
    return true
  } catch (error) {
    if (isNotYet(error)) return false
    throw error
  }
}

const notYet: readonly unknown[] = ["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"]
/** kafkajs wraps the answer of a broker when its own retries are used up. */
const isNotYet = (error: unknown): boolean =>
  error instanceof Error && (("type" in error && notYet.includes(error.type)) || isNotYet(error.cause))
