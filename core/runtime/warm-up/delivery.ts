import type { MskEvent } from "../../contracts/msk-event.ts"

/**
 * A delivery of records of partition 0, as an MSK event source mapping makes it.
 * @param firstOffset of the first record @param key of every record: events without the key of their SKU are set aside
 */
export const deliveryOf = (topic: string, firstOffset: number, values: readonly Buffer[], key = ""): MskEvent => ({
  eventSource: "aws:kafka",
  eventSourceArn: "arn:aws:kafka:warm-up:000000000000:cluster/warm-up/00000000-0000-0000-0000-000000000000-1",
  bootstrapServers: "warm-up:9092",
  records: {
    [`${topic}-0`]: values.map((value, index) => ({
      topic,
      partition: 0,
      offset: firstOffset + index,
      timestamp: Date.now(),
      timestampType: "CREATE_TIME",
      key: Buffer.from(key).toString("base64"),
      value: value.toString("base64"),
      headers: [],
    })),
  },
})
