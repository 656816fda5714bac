import type { KafkaMessage } from "kafkajs"
import { describe, expect, test } from "vitest"
import { redeliverFrom } from "../../../local/event-source/checkpoint.ts"
import { deliveries } from "../../../local/event-source/deliveries.ts"
import { toMskEvent } from "../../../local/event-source/msk-event.ts"

const message = (over: Partial<Pick<KafkaMessage, "key" | "value" | "offset" | "headers">> = {}): KafkaMessage => ({
  key: Buffer.from("sku-001"),
  value: Buffer.from([1, 255]),
  timestamp: "1773342238390",
  attributes: 0,
  offset: "41",
  headers: {},
  ...over,
})

describe("records as an MSK event", () => {
  test("have every member that the event source mapping gives them", () => {
    const headers = { traceparent: Buffer.from("00-a"), tag: [Buffer.from([200]), "é"] }
    expect(toMskEvent("requests", 3, [message({ headers })], ["a:9092", "b:9092"])).toEqual({
      eventSource: "aws:kafka",
      eventSourceArn: expect.stringMatching(/^arn:aws:kafka:local:000000000000:cluster\/flash-sale\//),
      bootstrapServers: "a:9092,b:9092",
      records: {
        "requests-3": [
          {
            topic: "requests",
            partition: 3,
            offset: 41,
            timestamp: 1_773_342_238_390,
            timestampType: "CREATE_TIME",
            key: Buffer.from("sku-001").toString("base64"),
            value: "Af8=",
            headers: [{ traceparent: [48, 48, 45, 97] }, { tag: [200] }, { tag: [195, 169] }],
          },
        ],
      },
    })
  })

  test("have no key and no value where Kafka has null, and an empty one where it is empty", () => {
    const event = toMskEvent(
      "requests",
      0,
      [message({ key: null, value: null }), message({ value: Buffer.alloc(0) })],
      ["a:9092"],
    )
    const [tombstone, empty] = event.records["requests-0"] ?? []
    expect(tombstone).not.toHaveProperty("key")
    expect(tombstone).not.toHaveProperty("value")
    expect(empty).toHaveProperty("value", "")
  })
})

describe("deliveries", () => {
  const batchSize = 2_000
  const sizes = (messages: KafkaMessage[]) => [...deliveries(messages, batchSize)].map((delivery) => delivery.length)

  test("hold at most a batch of records, in order", () => {
    const messages = Array.from({ length: 4_500 }, (_, offset) => message({ offset: String(offset) }))
    expect(sizes(messages)).toEqual([batchSize, batchSize, 500])
    expect([...deliveries(messages, batchSize)].flat()).toEqual(messages)
  })

  test("stay below the size of an invocation, but a single record may be larger", () => {
    const large = message({ value: Buffer.alloc(1_500_000) })
    expect(sizes([large, large, large])).toEqual([2, 1])
    expect(sizes([message({ value: Buffer.alloc(5_000_000) }), large])).toEqual([1, 1])
    expect(sizes([])).toEqual([])
  })
})

describe("the answer of a function to a delivery of offsets 10 to 19", () => {
  const from = (response: unknown) => redeliverFrom(response, "requests-3", { first: 10, last: 19 })
  const failures = (...offsets: unknown[]) => ({
    batchItemFailures: offsets.map((offset) => ({ itemIdentifier: { partition: "requests-3", offset } })),
  })

  test.each([[undefined], [null], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    "%j: all processed",
    (response) => {
      expect(from(response)).toBeUndefined()
    },
  )

  test("failures: delivered again from the lowest", () => {
    expect(from(failures(17, 12, 19))).toBe(12)
  })

  test.each([
    ["an offset that was not delivered", failures(20)],
    ["another partition", { batchItemFailures: [{ itemIdentifier: { partition: "requests-4", offset: 12 } }] }],
    ["an identifier of another kind", { batchItemFailures: [{ itemIdentifier: "12" }] }],
    ["an offset that is no number", failures("12")],
    ["no object", "ok"],
  ])("%s: all delivered again", (_name, response) => {
    expect(from(response)).toBe(10)
  })
})
