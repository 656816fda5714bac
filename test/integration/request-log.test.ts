import { randomUUID } from "node:crypto"
import { connect, createServer, type Socket } from "node:net"
import { type ISocketFactory, Kafka, type KafkaMessage, logLevel } from "kafkajs"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createRequestLog, type RequestLog, requestLogLimits } from "../../core/adapters/kafka/request-log.ts"
import { decodeReservationRecord, type ReservationRecord } from "../../core/contracts/reservation-record.ts"

const brokers = (process.env.KAFKA_BROKERS ?? "").split(",")
const admin = kafkaClient(brokers, "request-log-test").admin()
const logs: RequestLog[] = []
let topic: string

beforeAll(() => admin.connect())
beforeEach(async () => {
  topic = `requests-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 3 }])
})
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()))
})
afterAll(() => admin.disconnect())

const logOf = (kafka: Kafka, limits = {}, to = topic): RequestLog => {
  const log = createRequestLog(kafka, to, { ...requestLogLimits, ...limits })
  logs.push(log)
  return log
}
const openLog = (limits = {}) => logOf(kafkaClient(brokers, "request-log-test"), limits)

const record = (): ReservationRecord => ({
  id: randomUUID(),
  userId: randomUUID(),
  skuNo: 1,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 5,
  acceptedAtMs: Date.now(),
})
const records = (count: number) => Array.from({ length: count }, record)
const idOf = ({ value }: KafkaMessage) => {
  const decoded = decodeReservationRecord(value)
  return decoded.kind === "record" ? decoded.record.id : decoded.reason
}

/** Everything in the topic, as `partition/offset` -> message. */
async function everything(count: number): Promise<Map<string, KafkaMessage>> {
  const messages = new Map<string, KafkaMessage>()
  const consumer = kafkaClient(brokers, "request-log-test").consumer({ groupId: `check-${randomUUID()}`, maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message }) => void messages.set(`${partition}/${message.offset}`, message),
  })
  await vi.waitFor(() => expect(messages.size).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 20 })
  await consumer.disconnect()
  return messages
}
const endOffsets = async () => (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)

/** Listens to the producers that a client makes; counts their produce requests. */
function countProduceRequests(kafka: Kafka): () => number {
  let requests = 0
  const produce = kafka.producer.bind(kafka)
  kafka.producer = (config) => {
    const producer = produce(config)
    producer.on(producer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === "Produce") requests += 1
    })
    return producer
  }
  return () => requests
}

/** The slug of the problem that a failure is answered with. */
const refusal = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error) => problemFor(error)?.slug ?? String(error),
  )

/** kafkajs behind a proxy that can drop every answer of the broker. */
async function mutableKafka() {
  let isMuted = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const [host = "", port] = (brokers[0] ?? "").split(":")
    const broker = connect({ host, port: Number(port) })
    for (const socket of [client, broker]) sockets.add(socket.on("error", () => {}))
    client.pipe(broker)
    broker.on("data", (data) => void (isMuted || client.write(data)))
    broker.on("close", () => client.destroy())
    client.on("close", () => broker.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const socketFactory: ISocketFactory = ({ onConnect }) => connect({ host: "127.0.0.1", port }, onConnect)
  return {
    kafka: new Kafka({ brokers, socketFactory, logLevel: logLevel.NOTHING, requestTimeout: 500, retry: { retries: 0 } }),
    mute: (muted: boolean) => {
      isMuted = muted
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe("the request log", () => {
  test("each append returns the exact offset of its record, over several partitions at once", async () => {
    const log = openLog()
    const sent = records(2_000)
    const places = await Promise.all(sent.map((one, index) => log.append(one, "sku-1", index % 3)))
    const messages = await everything(sent.length)
    expect(messages.size).toBe(sent.length)
    places.forEach(({ partition, offset }, index) => {
      const message = messages.get(`${partition}/${offset}`)
      expect(partition).toBe(index % 3)
      expect(message && idOf(message)).toBe(sent[index]?.id)
    })
  })

  test("records of one partition keep the order in which they were appended", async () => {
    const log = openLog({ maxInFlightSends: 1 })
    const places = await Promise.all(records(1_000).map((one) => log.append(one, "sku-1", 0)))
    expect(places.map(({ offset }) => offset)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  test("records that are appended together are sent together, 250 at most", async () => {
    const kafka = kafkaClient(brokers, "request-log-test")
    const produced = countProduceRequests(kafka)
    const log = logOf(kafka)
    await log.append(record(), "sku-1", 0)
    await Promise.all(records(600).map((one) => log.append(one, "sku-1", 0)))
    expect(produced()).toBe(1 + Math.ceil(600 / requestLogLimits.maxBatchRecords))
  })

  test("the key is the SKU, and a record names its trace only when that trace is recorded", async () => {
    const log = openLog()
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"
    await log.append(record(), "sku-1", 0, { correlationId: "c-1", traceparent: `${trace}01` })
    await log.append(record(), "sku-1", 0, { correlationId: "c-2", traceparent: `${trace}00` })
    await log.append(record(), "sku-1", 0, { correlationId: "c-3" })
    const messages = await everything(3)
    expect(messages.get("0/0")?.key?.toString()).toBe("sku-1")
    expect(messages.get("0/0")?.headers?.["x-correlation-id"]?.toString()).toBe("c-1")
    expect([messages.get("0/1")?.headers, messages.get("0/2")?.headers]).toEqual([{}, {}])
  })
})

describe("a request log that cannot be reached", () => {
  test("a record that does not fit into the send queue is refused at once, and the queued ones are sent", async () => {
    const log = openLog({ maxQueuedRecords: 10 })
    const results = await Promise.all(records(15).map((one) => refusal(log.append(one, "sku-1", 0))))
    expect(results).toEqual([...Array(10).fill("none"), ...Array(5).fill("temporarily-unavailable")])
  })

  test("without a broker, a request is certainly not in the queue", async () => {
    const log = logOf(kafkaClient(["127.0.0.1:9"], "request-log-test"), { deadlineMs: 300 })
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("temporarily-unavailable")
  })

  test("a request that every leader refuses is certainly not in the queue", async () => {
    const log = logOf(kafkaClient(brokers, "request-log-test"), { deadlineMs: 2_000 }, `missing-${randomUUID()}`)
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("temporarily-unavailable")
  })

  test("without an acknowledgement the outcome is unknown: the record is in the queue", async () => {
    const { kafka, mute, close } = await mutableKafka()
    const log = logOf(kafka, { deadlineMs: 300 })
    await log.append(record(), "sku-1", 0)
    mute(true)
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("outcome-unknown")
    expect(await endOffsets()).toBe(2)
    mute(false)
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("none")
    close()
  })

  test("if the connection breaks before the acknowledgement and a new one is refused, the outcome is unknown", async () => {
    const { kafka, mute, close } = await mutableKafka()
    const log = logOf(kafka)
    await log.append(record(), "sku-1", 0)
    mute(true)
    const outcome = refusal(log.append(record(), "sku-1", 0))
    await vi.waitFor(async () => expect(await endOffsets()).toBe(2))
    // kafkajs reports that it cannot reload the leaders, not that the send was lost.
    close()
    expect(await outcome).toBe("outcome-unknown")
    // An answer that comes later is dropped.
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("temporarily-unavailable")
  })

  test("every send ends by its deadline, and the next one uses a new connection", async () => {
    const { kafka, mute, close } = await mutableKafka()
    const log = logOf(kafka, { deadlineMs: 300, maxBatchRecords: 10, maxInFlightSends: 2 })
    await log.append(record(), "sku-1", 0)
    mute(true)
    const startedMs = performance.now()
    const results = await Promise.all(records(100).map((one) => refusal(log.append(one, "sku-1", 0))))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(new Set(results)).toEqual(new Set(["outcome-unknown", "temporarily-unavailable"]))
    mute(false)
    expect(await refusal(log.append(record(), "sku-1", 0))).toBe("none")
    close()
  })
})
