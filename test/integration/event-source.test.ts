import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { KafkaMessage } from "kafkajs"
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import type { Deliver } from "../../local/event-source/partition-worker.ts"
import { createEventSource, type EventSource } from "../../local/event-source/source.ts"

const brokers = inject("services").kafkaBrokers.split(",")
const nodeFlags = ["--import", "./local/text-modules.mjs"]
const kafka = kafkaClient(brokers, "event-source-test")
const admin = kafka.admin()
const producer = kafka.producer({ allowAutoTopicCreation: false })
const partitions = 3
const delivers = { ...consumerGroups["inventory-batch-writer"].eventSource, concurrency: partitions }

beforeAll(() => Promise.all([admin.connect(), producer.connect()]))
afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]))

let topic: string
let groupId: string
const sources: EventSource[] = []

beforeEach(async () => {
  topic = `requests-${randomUUID()}`
  groupId = `writer-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: partitions }])
})
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()))
})

const range = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index)
const send = (partition: number, values: readonly (string | null)[]) =>
  producer.send({ topic, acks: -1, messages: values.map((value) => ({ key: "sku", value, partition })) })

async function startSource(deliver: Deliver): Promise<EventSource> {
  const source = createEventSource({ brokers, topic, groupId, delivers, deliver })
  sources.push(source)
  await source.start()
  return source
}

const offsetsOf = (messages: readonly KafkaMessage[]) => messages.map(({ offset }) => Number(offset))

/** The committed offset of each partition; -1 where there is none. */
async function committed(): Promise<number[]> {
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const offsets = group?.partitions ?? []
  return range(partitions).map((partition) => Number(offsets.find((one) => one.partition === partition)?.offset ?? -1))
}

const failFrom = (partition: number, offset: number) => ({
  batchItemFailures: [{ itemIdentifier: { partition: `${topic}-${partition}`, offset } }],
})
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

test("records from before the group existed are delivered, each partition's in order, one delivery at a time, and committed", async () => {
  for (const partition of range(partitions)) await send(partition, range(700).map(String))
  const seen = range(partitions).map((): number[] => [])
  const atWork = new Set<number>()
  let overlaps = 0
  await startSource(async (_topic, partition, messages) => {
    if (atWork.has(partition)) overlaps += 1
    atWork.add(partition)
    await new Promise(setImmediate)
    seen[partition]?.push(...offsetsOf(messages))
    atWork.delete(partition)
  })
  await eventually(async () => expect(await committed()).toEqual([700, 700, 700]))
  expect(seen).toEqual(range(partitions).map(() => range(700)))
  expect(overlaps).toBe(0)
})

test("a partial failure commits what is below it and delivers again from the lowest failed offset", async () => {
  await send(1, range(10).map(String))
  const deliveries: number[][] = []
  await startSource(async (_topic, partition, messages) => {
    deliveries.push(offsetsOf(messages))
    if (deliveries.length > 1) return undefined
    return { batchItemFailures: [...failFrom(partition, 8).batchItemFailures, ...failFrom(partition, 4).batchItemFailures] }
  })
  await eventually(async () => expect((await committed())[1]).toBe(10))
  expect(deliveries).toEqual([range(10), range(6, 4)])
})

test("a failed delivery is repeated until it succeeds, skips nothing, and delays no other partition", async () => {
  await send(0, range(5).map(String))
  const failing: number[][] = []
  const neighbour: number[] = []
  let isRepaired = false
  await startSource(async (_topic, partition, messages) => {
    if (partition === 1) neighbour.push(...offsetsOf(messages))
    else {
      failing.push(offsetsOf(messages))
      if (!isRepaired) throw new Error("the database is away")
    }
  })
  await eventually(() => expect(failing.length).toBeGreaterThanOrEqual(3))
  await send(1, ["a", "b"])
  await eventually(() => expect(neighbour).toEqual([0, 1]))
  expect((await committed())[0]).toBe(-1)
  isRepaired = true
  await eventually(async () => expect(await committed()).toEqual([5, 2, -1]))
  expect(new Set(failing.map(String))).toEqual(new Set([String(range(5))]))
})

test("a delivery longer than the group's session keeps its partition, is not repeated, and delays no other partition", async () => {
  const sessionMs = 6_000
  await send(0, ["slow"])
  const begun: string[] = []
  const neighbour = Promise.withResolvers<void>()
  await startSource(async (_topic, partition, messages) => {
    if (partition === 1) return neighbour.resolve()
    begun.push(...messages.map(({ value }) => String(value)))
    if (begun.length === 1) await new Promise((resolve) => setTimeout(resolve, sessionMs + 1_500))
  })
  await eventually(() => expect(begun).toEqual(["slow"]))
  await send(1, ["quick"])
  await neighbour.promise
  expect((await committed())[0]).toBe(-1)
  await send(0, ["next"])
  await eventually(async () => expect((await committed())[0]).toBe(2))
  expect(begun).toEqual(["slow", "next"])
})

test("records that arrive during a long delivery are delivered soon after it, also when the other partitions are idle", async () => {
  const begunMs: number[] = []
  const endedMs: number[] = []
  await startSource(async () => {
    begunMs.push(performance.now())
    // Longer than the partition is waited for, shorter than an idle fetch.
    await new Promise((resolve) => setTimeout(resolve, 250))
    endedMs.push(performance.now())
  })
  for (const round of range(5)) {
    await send(0, [String(round)])
    await eventually(() => expect(begunMs).toHaveLength(round + 1))
  }
  const waitsMs = begunMs.slice(1).map((atMs, index) => atMs - (endedMs[index] ?? 0))
  expect(Math.min(...waitsMs)).toBeLessThan(200)
})

test("an idle consumer sets few timers and asks the broker rarely", async () => {
  const source = await startSource(async () => undefined)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const timers = vi.spyOn(globalThis, "setTimeout")
  const intervals = vi.spyOn(globalThis, "setInterval")
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const [set, repeating] = [timers.mock.calls.length, intervals.mock.calls.length]
  timers.mockRestore()
  intervals.mockRestore()
  expect(set).toBeLessThan(50)
  expect(repeating).toBe(0)
  await source.stop()
})

test("a record without a value is delivered in its order", async () => {
  await send(2, ["before", null, "after"])
  const values: (string | undefined)[] = []
  await startSource(async (_topic, _partition, messages) => {
    values.push(...messages.map(({ value }) => value?.toString()))
  })
  await eventually(() => expect(values).toEqual(["before", undefined, "after"]))
})

test("a stop waits for the current delivery and commits it, takes no other, and leaves the group", async () => {
  await send(0, ["first"])
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const delivered: string[] = []
  const source = await startSource(async (_topic, _partition, messages) => {
    delivered.push(...messages.map(({ value }) => String(value)))
    arrived.resolve()
    await release.promise
  })
  await arrived.promise
  const stopped = source.stop()
  await send(0, ["second"])
  release.resolve()
  await stopped
  expect(delivered).toEqual(["first"])
  expect((await committed())[0]).toBe(1)
  const { groups } = await admin.describeGroups([groupId])
  expect(groups[0]).toMatchObject({ state: "Empty", members: [] })
})

test("records that a killed process received but did not process are delivered to the next process", async () => {
  await send(0, ["done", "begun"])
  const program = `
    import { createEventSource } from "./local/event-source/source.ts"
    const deliver = async (topic, partition, messages) => {
      if (messages[0].offset === "0") return { batchItemFailures: [{ itemIdentifier: { partition: topic + "-" + partition, offset: 1 } }] }
      console.log("begun")
      await new Promise(() => {})
    }
    await createEventSource({ brokers: ${JSON.stringify(brokers)}, topic: "${topic}", groupId: "${groupId}", delivers: ${JSON.stringify(delivers)}, deliver }).start()`
  const victim = spawn(process.execPath, [...nodeFlags, "--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(victim.stdout, "data")
  victim.kill("SIGKILL")
  await once(victim, "exit")
  expect((await committed())[0]).toBe(1)
  const again: string[] = []
  await startSource(async (_topic, _partition, messages) => {
    again.push(...messages.map(({ value }) => String(value)))
  })
  await eventually(async () => expect((await committed())[0]).toBe(2))
  expect(again).toEqual(["begun"])
})
