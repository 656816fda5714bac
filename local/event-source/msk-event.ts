import type { IHeaders, KafkaMessage } from "kafkajs"
import type { MskEvent, MskRecord } from "../../core/contracts/msk-event.ts"
import { localAccount, localRegion } from "../host/lambda-context.ts"

/** The name of a partition in events and responses. */
export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`

/** The event that an MSK event source mapping creates from records of one partition. */
export function toMskEvent(
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  brokers: readonly string[],
): MskEvent {
  return {
    eventSource: "aws:kafka",
    eventSourceArn: `arn:aws:kafka:${localRegion}:${localAccount}:cluster/flash-sale/00000000-0000-0000-0000-000000000000-1`,
    bootstrapServers: brokers.join(","),
    records: { [partitionName(topic, partition)]: messages.map((message) => toMskRecord(topic, partition, message)) },
  }
}

/**
 * A null key or value is left out; it is neither null nor "". MSK delivers a tombstone this way
 * (aws-powertools/powertools-lambda-typescript#5016).
 */
function toMskRecord(topic: string, partition: number, { offset, timestamp, key, value, headers }: KafkaMessage): MskRecord {
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType: "CREATE_TIME",
    ...(key !== null && { key: key.toString("base64") }),
    ...(value !== null && { value: value.toString("base64") }),
    headers: Object.entries(headers ?? {}).flatMap(([name, values]) => headerValues(values).map((bytes) => ({ [name]: bytes }))),
  }
}

/** A header that was sent several times becomes several headers. Each value is a list of its bytes. */
const headerValues = (values: IHeaders[string]): number[][] =>
  [values ?? []].flat().map((value) => [...(typeof value === "string" ? Buffer.from(value) : value)])
