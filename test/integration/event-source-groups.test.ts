import { randomUUID } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { consumerGroups, type EventSourceConfig } from "../../core/contracts/consumer-groups.ts"
import type { Deliver } from "../../local/event-source/partition-worker.ts"
import { createEventSource, type EventSource } from "../../local/event-source/source.ts"

const brokers = inject("services").kafkaBrokers.split(",")
const kafka = kafkaClient(brokers, "event-source-groups-test")
const admin = kafka.admin()
const producer = kafka.producer({ allowAutoTopicCreation: false })
const usual: EventSourceConfig = consumerGroups["event-reactor"].eventSource

beforeAll(() => Promise.all([admin.connect(), producer.connect()]))
afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]))

let topic: string
const sources: EventSource[] = []
beforeEach(async () => {
  topic = `events-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 1 }])
})
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()))
})

const range = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index)
const send = (count: number) =>
  producer.send({ topic, acks: -1, messages: range(count).map((each) => ({ value: String(each) })) })
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

/** A member of a group, and the offsets of each delivery that it got. */
async function member(groupId: string, deliver: Deliver = async () => undefined, delivers = usual) {
  const deliveries: number[][] = []
  const source = createEventSource({
    ...{ brokers, topic, groupId, delivers },
    deliver: (name, partition, messages) => {
      deliveries.push(messages.map(({ offset }) => Number(offset)))
      return deliver(name, partition, messages)
    },
  })
  sources.push(source)
  await source.start()
  return { source, deliveries }
}
const groupName = (name: string) => `${name}-${randomUUID()}`

test("a group that hangs does not slow another group of the topic, and one that was down catches up by itself", async () => {
  const [hanging, steady] = [groupName("hanging"), groupName("steady")]
  const hold = Promise.withResolvers<void>()
  const stuck = await member(hanging, () => hold.promise)
  const other = await member(steady)
  await send(100)
  await eventually(() => expect(stuck.deliveries.flat()).toContain(0))
  await eventually(() => expect(other.deliveries.flat()).toEqual(range(100)))
  hold.resolve()
  await stuck.source.stop()
  await send(100)
  await eventually(() => expect(other.deliveries.flat()).toEqual(range(200)))
  const again = await member(hanging)
  await eventually(() => expect(new Set([...stuck.deliveries, ...again.deliveries].flat())).toEqual(new Set(range(200))))
})

test("each group has its own batch size", async () => {
  await send(100)
  const small = await member(groupName("small"), undefined, { ...usual, batchSize: 30 })
  const large = await member(groupName("large"), undefined, { ...usual, batchSize: 1_000 })
  await eventually(() => expect(small.deliveries.map(({ length }) => length)).toEqual([30, 30, 30, 10]))
  await eventually(() => expect(large.deliveries.map(({ length }) => length)).toEqual([100]))
})

test("a batching window collects records that come one by one into few deliveries", async () => {
  const windowed = await member(groupName("windowed"), undefined, { ...usual, maximumBatchingWindowSeconds: 1 })
  const immediate = await member(groupName("immediate"))
  for (const _ of range(20)) await send(1)
  await eventually(() => expect(windowed.deliveries.flat()).toEqual(range(20)))
  await eventually(() => expect(immediate.deliveries.flat()).toEqual(range(20)))
  expect(windowed.deliveries.length).toBeLessThan(immediate.deliveries.length / 2)
})

test.each([
  ["beyond the end", 500],
  ["before the first record that is kept", 0],
])("a group whose offset is %s continues with the first record that is kept", async (_, offset) => {
  const groupId = groupName("lost")
  await send(20)
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: String(offset) }] })
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "5" }] })
  const { deliveries } = await member(groupId)
  await eventually(() => expect(deliveries.flat()).toEqual(range(15, 5)))
})

test("two members of a group share the partitions, and each record goes to one of them", async () => {
  const twoPartitions = `events-${randomUUID()}`
  await createTopics(admin, [{ topic: twoPartitions, numPartitions: 2 }])
  topic = twoPartitions
  const groupId = groupName("shared")
  const [first, second] = [await member(groupId), await member(groupId)]
  for (const partition of [0, 1]) {
    await producer.send({ topic, messages: range(50).map((each) => ({ partition, value: String(each) })) })
  }
  await eventually(() => expect([...first.deliveries, ...second.deliveries].flat()).toHaveLength(100))
  expect(first.deliveries.flat()).toHaveLength(50)
  expect(second.deliveries.flat()).toHaveLength(50)
})
