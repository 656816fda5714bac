import { randomUUID } from "node:crypto"
import type { Consumer } from "kafkajs"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createConsumerGroups } from "../../core/adapters/kafka/groups.ts"
import type { Consumers } from "../../core/adapters/lambda/consumers.ts"
import type { ConsumerState } from "../../core/contracts/streams.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { createOperateGroups, type OperateGroups } from "../../core/workflows/streams/operate-groups.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import type { OpsParts } from "../../lambdas/ops/runtime.ts"
import { type Ask, createClient } from "../../ops/client.ts"
import { type ReplayOptions, replay } from "../../ops/replay.ts"

const partitions = 3
const recordsEach = 20
/** The first records of one partition are deleted, as retention does it. */
const begins = [0, 0, 5]
/** Records that there are to read. */
const recordsLeft = partitions * recordsEach - 5
const kafka = kafkaClient(inject("services").kafkaBrokers.split(","), "replay-test")

let topic: string
let group: string
let operate: OperateGroups
let ask: Ask
/** The values that the group's consumer has read, in all its runs. */
let read: string[]
let consumer: Consumer | undefined
let state: ConsumerState

/** A consumer of the group, as its function would be: it reads, and commits what it has read. */
async function start(groupId = group): Promise<Consumer> {
  const started = kafka.consumer({ groupId, sessionTimeout: 6_000, rebalanceTimeout: 6_000, maxWaitTimeInMs: 50 })
  await started.connect()
  await started.subscribe({ topics: [topic], fromBeginning: true })
  const joined = new Promise((resolve) => started.on("consumer.group_join", resolve))
  await started.run({
    eachMessage: async ({ message }) => {
      read.push(String(message.value))
    },
    autoCommitThreshold: 1,
  })
  await joined
  return started
}

/** What a supervisor or Lambda does for a group: here it is one consumer of this process. */
const consumers: Consumers = {
  stateOf: async () => state,
  async stop() {
    state = "stopping"
    void consumer?.disconnect().then(() => {
      state = "stopped"
    })
    return state
  },
  async start() {
    state = "starting"
    void start().then((started) => {
      consumer = started
      state = "running"
    })
    return state
  },
}

let watermarks: ReadonlyMap<number, number> = new Map()

beforeAll(async () => {
  const definition = {
    ...{ numPartitions: partitions, replicationFactor: 1 },
    // The records are dated long ago: the broker would delete them whenever it looks for old ones.
    configEntries: [{ name: "retention.ms", value: "-1" }],
  }
  topic = `replay-${randomUUID().slice(0, 8)}`
  await withAdmin(kafka, (admin) => createTopics(admin, [{ topic, ...definition }]))
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: partitions * recordsEach }, (_, index) => ({
    ...{ partition: index % partitions, value: `record ${index}` },
    // One second apart: a time is found between two records.
    timestamp: String(Date.parse("2026-01-01T00:00:00Z") + Math.floor(index / partitions) * 1_000),
  }))
  await producer.send({ topic, messages })
  await producer.disconnect()
  await withAdmin(kafka, async (admin) => {
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: "5" }] })
  })
})

beforeEach(() => {
  group = `group-${randomUUID().slice(0, 8)}`
  ;[read, consumer, state] = [[], undefined, "stopped"]
  operate = createOperateGroups({
    ...{ groups: createConsumerGroups(kafka), consumers, watermarks: async () => watermarks },
    ours: new Map([
      [group, topic],
      ["inventory-batch-writer", topic],
    ]),
  })
  const runtime = defineRuntime(async () => ({ groups: async () => operate }) as unknown as OpsParts)
  const host = { requestId: "test", progress: () => {}, signal: new AbortController().signal }
  ask = createClient(async () => (request) => answer(runtime, request, host), "the test")
})
afterEach(async () => {
  await consumer?.disconnect()
})
afterAll(() => withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [topic] })))

/** Runs the group's consumer until it has read everything. */
async function readAll(): Promise<void> {
  await consumers.start(group)
  await vi.waitFor(async () => expect(await committed()).toEqual([recordsEach, recordsEach, recordsEach]), { timeout: 15_000 })
}
const committed = async () => {
  const [shown] = (await operate.show(group)).groups
  return shown?.topics.find((each) => each.topic === topic)?.partitions.map((partition) => partition.committed)
}
const stopped = async () => {
  await consumers.stop(group)
  await vi.waitFor(() => expect(state).toBe("stopped"))
}
const asked = (more: Partial<ReplayOptions>): ReplayOptions => ({
  ...{ group, to: { kind: "earliest" }, restart: false, sendAgain: false },
  ...more,
})
const paces = { pollMs: 50, consumersWithinMs: 15_000, stuckAfterMs: 15_000 }
const toOf = async (options: Partial<Parameters<OperateGroups["plan"]>[0]>) =>
  (await operate.plan({ group, to: { kind: "earliest" }, ...options })).partitions.map(({ partition, to }) => [partition, to])

describe("a group", () => {
  test("is shown with its members, and with its lag in each partition, also when it is not ours", async () => {
    const others = `others-${randomUUID().slice(0, 8)}`
    const warehouse = await start(others)
    await vi.waitFor(async () => {
      const [shown] = (await operate.show(others)).groups
      expect(shown).toMatchObject({ state: "Stable", is_ours: false, consumers: null, members: [{ partitions }] })
      expect(shown?.topics).toMatchObject([{ topic, partitions: [{ committed: recordsEach, lag: 0 }, { lag: 0 }, { lag: 0 }] }])
    })
    await warehouse.disconnect()
    const all = (await operate.show()).groups.map((each) => each.group)
    expect(all).toEqual(expect.arrayContaining([group, others]))
    expect((await operate.show(group)).groups).toMatchObject([
      {
        is_ours: true,
        consumers: "stopped",
        members: [],
        topics: [{ topic, partitions: [{ committed: null, lag: recordsEach }, {}, {}] }],
      },
    ])
  })

  test("that does not exist is said to", async () => {
    await expect(ask({ command: "groups", group: "nobody" })).rejects.toMatchObject({ type: "/problems/group-not-found" })
  })
})

describe("a plan", () => {
  test("names the offset of each partition", async () => {
    const every = (to: number) => [0, 1, 2].map((partition) => [partition, to])
    expect(await toOf({})).toEqual(begins.map((begin, partition) => [partition, begin]))
    expect(await toOf({ to: { kind: "latest" } })).toEqual(every(recordsEach))
    expect(await toOf({ to: { kind: "offset", offset: 7 }, partition: 1 })).toEqual([[1, 7]])
    expect(await toOf({ to: { kind: "time", at: "2026-01-01T00:00:04.500Z" } })).toEqual(every(5))
    expect(await toOf({ to: { kind: "time", at: "2027-01-01T00:00:00Z" } })).toEqual(every(recordsEach))
  })

  test("with an offset that a partition does not have is refused with those that it has", async () => {
    const beyond = operate.plan({ group, to: { kind: "offset", offset: recordsEach + 1 }, partition: 0 })
    await expect(beyond).rejects.toMatchObject({
      reason: "replay-refused",
      detail: expect.stringContaining("0 to 20"),
    })
    const before = operate.plan({ group, to: { kind: "offset", offset: 4 } })
    await expect(before).rejects.toMatchObject({
      reason: "replay-refused",
      detail: expect.stringContaining("5 to 20"),
    })
    const set = operate.setOffsets({ group, topic, partitions: [{ partition: 2, offset: 4 }], send_again: false })
    await expect(set).rejects.toMatchObject({ reason: "replay-refused" })
  })

  test("for a group that does not exist is refused", async () => {
    await expect(operate.plan({ group: "nobody", to: { kind: "earliest" } })).rejects.toMatchObject({ name: "NotFound" })
  })

  test("for the writer leads to its watermarks, and to nothing else", async () => {
    const writer = "inventory-batch-writer"
    watermarks = new Map([
      [0, 7],
      [1, recordsEach],
      [2, 5],
    ])
    for (const kind of ["earliest", "latest"] as const) {
      await expect(operate.plan({ group: writer, to: { kind } })).rejects.toMatchObject({ reason: "replay-refused" })
    }
    const planned = await operate.plan({ group: writer, to: { kind: "watermark" } })
    expect(planned.partitions.map(({ to }) => to)).toEqual([7, recordsEach, 5])
    await expect(operate.plan({ group, to: { kind: "watermark" } })).rejects.toMatchObject({ reason: "replay-refused" })
    const set = (offset: number) =>
      operate.setOffsets({ group: writer, topic, partitions: [{ partition: 0, offset }], send_again: false })
    await expect(set(8)).rejects.toMatchObject({ detail: "Partition 0 has the watermark 7, not 8." })
    expect((await set(7)).groups[0]?.topics[0]?.partitions[0]).toMatchObject({ committed: 7, lag: recordsEach - 7 })
    // Its records below the watermark are gone, or the topic was created again: nothing may be read there.
    watermarks = new Map([[0, recordsEach + 1]])
    await expect(operate.plan({ group: writer, to: { kind: "watermark" }, partition: 0 })).rejects.toMatchObject({
      reason: "replay-refused",
    })
  })

  test("stops the writer only when somebody confirms that nothing is decided meanwhile", async () => {
    await expect(operate.stop("inventory-batch-writer", false)).rejects.toMatchObject({
      detail: expect.stringContaining("--force"),
    })
  })

  test("for a group without generations begins none", async () => {
    await expect(ask({ command: "generation-begin", group })).rejects.toMatchObject({ type: "/problems/replay-refused" })
  })

  test("for the notifier is carried out only when somebody confirms that shoppers get notices again", async () => {
    const set = { group: "notifier", topic, partitions: [{ partition: 0, offset: 0 }], send_again: false }
    await expect(operate.setOffsets(set)).rejects.toMatchObject({ reason: "replay-refused" })
  })
})

describe("a replay", () => {
  test("of a group with members is refused, and changes nothing", async () => {
    await readAll()
    await expect(replay(ask, asked({}), () => {}, paces)).rejects.toThrow("--restart")
    expect(await committed()).toEqual([recordsEach, recordsEach, recordsEach])
  })

  test("is refused by the broker when a consumer comes back in between", async () => {
    await readAll()
    await stopped()
    const { partitions: planned } = await operate.plan({ group, to: { kind: "earliest" } })
    await consumers.start(group)
    await vi.waitFor(() => expect(state).toBe("running"), { timeout: 15_000 })
    const offsets = planned.map(({ partition, to }) => ({ partition, offset: to }))
    const set = ask({ command: "offsets-set", group, topic, partitions: offsets, send_again: false })
    await expect(set).rejects.toMatchObject({ type: "/problems/group-has-members" })
    expect(await committed()).toEqual([recordsEach, recordsEach, recordsEach])
  })

  test("with restart stops the consumer, lets it read every record again, and waits until it has", async () => {
    await readAll()
    const [first, lines] = [[...read], [] as string[]]
    read = []
    const report = await replay(ask, asked({ restart: true }), (line) => lines.push(line), paces)
    expect(report.caught_up_ms).toBeGreaterThan(0)
    expect(read.toSorted()).toEqual(first.toSorted())
    expect(read).toHaveLength(recordsLeft)
    expect(lines[0]).toBe(`the consumers of ${group} stop`)
    expect(state).toBe("running")
  })

  test("that ended after its first step is continued by the next one", async () => {
    await readAll()
    read = []
    await ask({ command: "consumers-stop", group, force: false })
    await vi.waitFor(() => expect(state).toBe("stopped"))
    expect((await operate.show(group)).groups).toMatchObject([{ consumers: "stopped", members: [] }])
    await replay(ask, asked({ restart: true, to: { kind: "offset", offset: recordsEach - 1 } }), () => {}, paces)
    expect(read).toHaveLength(partitions)
  })
})
