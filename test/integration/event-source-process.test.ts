import { Client } from "pg"
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

let database: TestDatabase
let environment: HandlerEnvironment
let topics: TestTopics
const kafka = kafkaClient(inject("services").kafkaBrokers.split(","), "event-source-process-test")
const admin = kafka.admin()
const producer = kafka.producer({ allowAutoTopicCreation: false })

beforeAll(async () => {
  database = await freshDatabase()
  topics = await freshTopics({ databaseUrl: database.superuserUrl })
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl: await freshRedis(), topics })
  await Promise.all([admin.connect(), producer.connect()])
})
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), environment.close()])
  await database.drop()
})

const groupId = "event-source-process-test"

async function quarantined(): Promise<unknown[]> {
  const client = new Client({ connectionString: database.superuserUrl })
  await client.connect()
  try {
    const { rows } = await client.query('SELECT partition, "offset"::int, reason FROM quarantine ORDER BY partition, "offset"')
    return rows
  } finally {
    await client.end()
  }
}

test("the writer gets the queued records, null records too, and after SIGTERM they are committed and the group is empty", async () => {
  const part = await startPart("local/event-source/main.ts", {
    ...environment.variables,
    EVENT_SOURCE: "inventory-batch-writer",
    CONSUMER_GROUP: groupId,
  })
  const messages = [
    { key: "sku", value: null, partition: 2 },
    { key: "sku", value: "", partition: 2 },
  ]
  await producer.send({ topic: topics.requests, acks: -1, messages })
  await vi.waitFor(async () => expect(await quarantined()).toHaveLength(2), { timeout: 10_000, interval: 20 })
  expect(await quarantined()).toEqual([
    { partition: 2, offset: 0, reason: "empty" },
    { partition: 2, offset: 1, reason: "empty" },
  ])
  part.signal("SIGTERM")
  expect(await part.ended).toBe("exit 0")
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topics.requests] })
  expect(offsets?.partitions.find(({ partition }) => partition === 2)?.offset).toBe("2")
  const { groups } = await admin.describeGroups([groupId])
  expect(groups[0]).toMatchObject({ state: "Empty" })
})

test("the scheduler runs the sweeper and exits cleanly", async () => {
  const part = await startPart("local/scheduler/main.ts", environment.variables)
  part.signal("SIGTERM")
  expect(await part.ended).toBe("exit 0")
})
