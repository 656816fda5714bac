import type { Kafka } from "kafkajs"
import { clusterOf, type FetchedRecord } from "./cluster.ts"

/** Bytes of one fetch: what this process holds of a topic at one time. */
const maxFetchBytes = 1_048_576
/** Longest wait of a broker for the first record of a fetch. */
const maxWaitMs = 500
const readCommitted = 1

/** Records of a partition: `from` is the first offset, `to` the one after the last. */
export interface PartitionSpan {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** A record as it was read. */
export interface ReadRecord {
  readonly offset: number
  /** The time of the record, in milliseconds since the epoch. */
  readonly atMs: number
  readonly headers: FetchedRecord["headers"]
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/**
 * Reads records of a partition without a consumer group: no other reader notices, and no position is kept. It holds one fetch at
 * a time. kafkajs' own consumer always joins a group.
 *
 * @throws kafkajs' errors
 */
export async function* readPartition(
  kafka: Kafka,
  { topic, partition, from, to }: PartitionSpan,
): AsyncGenerator<readonly ReadRecord[]> {
  const cluster = clusterOf(kafka)
  await cluster.connect()
  try {
    await cluster.addTargetTopic(topic)
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    if (nodeId === undefined) throw new Error(`Partition ${partition} of ${topic} has no leader`)
    const broker = await cluster.findBroker({ nodeId })
    for (let next = from; next < to; ) {
      const { responses } = await broker.fetch({
        ...{ isolationLevel: readCommitted, maxWaitTime: maxWaitMs, minBytes: 1, maxBytes: maxFetchBytes },
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: maxFetchBytes }] }],
      })
      const fetched = responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages.map(recordOf)))
      // A broker returns whole batches: the first one may begin before the offset.
      const records = fetched.filter(({ offset }) => offset >= next && offset < to)
      const last = fetched.at(-1)
      if (last === undefined) return
      next = Math.max(next, last.offset + 1)
      yield records
    }
  } finally {
    await cluster.disconnect()
  }
}

const recordOf = ({ offset, timestamp, headers, key, value }: FetchedRecord): ReadRecord => ({
  ...{ offset: Number(offset), atMs: Number(timestamp), headers, key, value },
})
