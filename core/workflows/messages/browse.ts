import type { Admin, Kafka } from "kafkajs"
import { withAdmin } from "../../adapters/kafka/admin.ts"
import { readPartition } from "../../adapters/kafka/partition-reader.ts"
import type { Message, Messages, Span } from "../../contracts/operations/messages.ts"
import type { TopicKey } from "../../contracts/topics.ts"
import { decodeMessage, matches } from "./decode-message.ts"

/** Records that one answer looks at: a search goes on with the next answer, so that each ends in time. */
const recordsOfAnAnswer = 20_000

export interface Browse {
  readonly topic: TopicKey
  /** Its name at the brokers. */
  readonly topicName: string
  readonly partition?: number | undefined
  readonly offset?: number | undefined
  /** ISO 8601. */
  readonly since?: string | undefined
  readonly newest?: number | undefined
  readonly spans?: readonly Span[] | undefined
  readonly key?: string | undefined
  readonly sku?: string | undefined
  readonly raw: boolean
  readonly limit: number
}

/** A span with its end. */
type Bounded = Span & { readonly to: number }

/**
 * Reads one page of a topic's records, without a consumer group. What is left is in the answer, so that this process holds one
 * fetch and one page, however long the topic is.
 *
 * @param signal ends the reading between two fetches
 * @throws kafkajs' errors, and the signal's reason
 */
export async function browse(kafka: Kafka, asked: Browse, signal: AbortSignal): Promise<Messages> {
  const spans = await withAdmin(kafka, (admin) => spansOf(admin, asked))
  const messages: Message[] = []
  const rest: Bounded[] = []
  let read = 0
  for (const span of spans) {
    const isFull = () => messages.length >= asked.limit || read >= recordsOfAnAnswer
    let next = span.from
    if (!isFull() && next < span.to) {
      fetching: for await (const records of readPartition(kafka, { topic: asked.topicName, ...span })) {
        signal.throwIfAborted()
        for (const record of records) {
          if (isFull()) break fetching
          read += 1
          next = record.offset + 1
          const message = decodeMessage(asked.topic, span.partition, record, asked.raw)
          if (matches(message, asked)) messages.push(message)
        }
      }
      // After the last record of a partition there may be marks of transactions, which are no records.
      if (!isFull()) next = span.to
    }
    rest.push({ ...span, from: next })
  }
  return {
    ...{ messages, read },
    rest: rest.filter(({ from, to }) => from < to),
    positions: rest.map(({ partition, from }) => ({ partition, from })),
  }
}

/** The parts of the partitions that are to be read, within what Kafka keeps. */
async function spansOf(admin: Admin, asked: Browse): Promise<Bounded[]> {
  const { topicName, partition, offset, since, newest, spans } = asked
  const kept = (await admin.fetchTopicOffsets(topicName))
    .map((each) => ({ partition: each.partition, begin: Number(each.low), end: Number(each.high) }))
    .filter((each) => partition === undefined || each.partition === partition)
    .sort((a, b) => a.partition - b.partition)
  const within = (from: number, { begin, end }: { readonly begin: number; readonly end: number }) =>
    Math.min(Math.max(from, begin), end)
  if (spans !== undefined) {
    return spans.flatMap((span) => {
      const here = kept.find((each) => each.partition === span.partition)
      if (here === undefined) return []
      return { partition: span.partition, from: within(span.from, here), to: Math.min(span.to ?? here.end, here.end) }
    })
  }
  const times =
    since === undefined
      ? []
      : (await admin.fetchTopicOffsetsByTimestamp(topicName, Date.parse(since))).map((each) => [
          each.partition,
          Number(each.offset),
        ])
  const firstSince = new Map(times as [number, number][])
  return kept.map((here) => {
    const from = offset ?? firstSince.get(here.partition) ?? (newest === undefined ? here.begin : here.end - newest)
    return { partition: here.partition, from: within(from, here), to: here.end }
  })
}
