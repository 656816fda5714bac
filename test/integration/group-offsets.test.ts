import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createGroupOffsets, type GroupOffset, type GroupOffsets } from "../../core/adapters/kafka/group-offsets.ts"
import * as telemetry from "../../core/adapters/telemetry.ts"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { createObserveGroups } from "../../lambdas/expiry-sweeper/observe-groups.ts"

const kafka = kafkaClient(inject("services").kafkaBrokers.split(","), "group-offsets-test")
const admin = kafka.admin()
const producer = kafka.producer({ allowAutoTopicCreation: false })
const offsets = createGroupOffsets(kafka)
const topic = `events-${randomUUID()}`
const groupId = `readers-${randomUUID()}`

beforeAll(async () => {
  await Promise.all([admin.connect(), producer.connect()])
  await createTopics(admin, [{ topic, numPartitions: 2 }])
  // The first read of any group makes a new broker create the topic in which it keeps commits.
  await vi.waitFor(() => offsets(groupId, topic), { timeout: 30_000, interval: 200 })
})
afterAll(() => Promise.all([admin.disconnect(), producer.disconnect(), offsets.close()]))

const send = (partition: number, count: number) =>
  producer.send({ topic, messages: Array.from({ length: count }, () => ({ partition, value: "x" })) })
const inOrder = async () => [...(await offsets(groupId, topic))].sort((a, b) => a.partition - b.partition)

test("a group without commits has every record of the topic before it, less those that were deleted", async () => {
  await send(0, 5)
  expect(await inOrder()).toEqual([
    { partition: 0, next: 0, end: 5 },
    { partition: 1, next: 0, end: 0 },
  ])
  // Before it, kafkajs must have looked for the topic.
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] })
  expect(await inOrder()).toContainEqual({ partition: 0, next: 2, end: 5 })
})

test("a group is where it has committed", async () => {
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "4" }] })
  expect(await inOrder()).toContainEqual({ partition: 0, next: 4, end: 5 })
})

/** What the sweeper records of each group, when every group is at these offsets. */
function observed() {
  const recordBy = vi.spyOn(telemetry, "recordBy")
  let partitions: readonly GroupOffset[] = []
  let nowMs = 0
  const observe = createObserveGroups(
    async () => partitions,
    "events",
    () => nowMs,
  )
  return async (atMs: number, at: readonly GroupOffset[]) => {
    recordBy.mockClear()
    nowMs = atMs
    partitions = at
    await observe()
    return recordBy.mock.calls.filter(([, { group }]) => group === "event-reactor").map(([name, , value]) => [name, value])
  }
}

test("a group that does not move although records wait is stalled since it stands, in its worst partition", async () => {
  const look = observed()
  const moved = { partition: 0, next: 9, end: 9 }
  expect(await look(0, [moved, { partition: 1, next: 3, end: 8 }])).toEqual([
    ["consumer.lag", 5],
    ["consumer.stalled", 0],
  ])
  expect(await look(10_000, [moved, { partition: 1, next: 3, end: 20 }])).toEqual([
    ["consumer.lag", 17],
    ["consumer.stalled", 10_000],
  ])
  expect(await look(20_000, [moved, { partition: 1, next: 4, end: 20 }])).toEqual([
    ["consumer.lag", 16],
    ["consumer.stalled", 0],
  ])
})

test("a group that has nothing to process is not stalled, and after a rest its time begins anew", async () => {
  const look = observed()
  const idle = [{ partition: 0, next: 9, end: 9 }]
  await look(0, idle)
  expect(await look(60_000, idle)).toContainEqual(["consumer.stalled", 0])
  expect(await look(60_001, [{ partition: 0, next: 9, end: 10 }])).toContainEqual(["consumer.stalled", 1])
})

test("a group whose offsets cannot be read does not hide the others", async () => {
  const recordBy = vi.spyOn(telemetry, "recordBy")
  recordBy.mockClear()
  const [first] = groupNames("reservationEvents")
  const failing: GroupOffsets = async (group) => {
    if (group === first) throw new Error("The coordinator moves")
    return []
  }
  await createObserveGroups(failing, "events")()
  const groups = new Set(recordBy.mock.calls.map(([, { group }]) => group))
  expect([...groups]).toEqual(groupNames("reservationEvents").filter((group) => group !== first))
})
