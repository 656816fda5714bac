import { randomUUID } from "node:crypto"
import type { Kafka } from "kafkajs"
import type { Pool, QueryConfig } from "pg"
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createConsumerGroups } from "../../core/adapters/kafka/groups.ts"
import { createEndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { setOperatorSettings } from "../../core/adapters/postgres/operator-settings.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createSaleFigures } from "../../core/adapters/redis/sale-figures.ts"
import type { ConsumerState } from "../../core/contracts/streams.ts"
import { type TopicKey, topics as topicTable } from "../../core/contracts/topics.ts"
import type { PreflightLine } from "../../core/domain/preflight/line.ts"
import type { ExpectedSale } from "../../core/domain/preflight/sale.ts"
import { type PreflightDeps, preflight } from "../../core/workflows/preflight/preflight.ts"
import { createOperateGroups } from "../../core/workflows/streams/operate-groups.ts"
import { givenCheckout } from "../sale/given-checkout.ts"
import { longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

const opensAt = new Date(Date.now() + 3_600_000).toISOString()
const group = `preflight-${randomUUID()}`
const price = 500

let given: Awaited<ReturnType<typeof givenCheckout>>
let kafka: Kafka
let topics: TestTopics
let consumer: ReturnType<Kafka["consumer"]>
let deps: PreflightDeps
let sku: { skuNo: number; skuId: string; partition: number }
let expected: ExpectedSale
let consumers: ConsumerState = "running"
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  given = await givenCheckout()
  kafka = kafkaClient([inject("services").kafkaBrokers], "preflight-test")
  topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "", partitions: 10 })
  const names: Readonly<Record<TopicKey, string>> = {
    reservationRequests: topics.requests,
    reservationEvents: topics.events,
    ordersConfirmed: topics.orders,
    deadLetters: topics.deadLetters,
  }
  consumer = kafka.consumer({ groupId: group })
  await consumer.connect()
  await consumer.subscribe({ topic: topics.events })
  await consumer.run({ autoCommit: false, eachMessage: async () => {} })
  const endOffsets = createEndOffsets(kafka)
  closers.push(() => consumer.disconnect(), endOffsets.close)
  sku = await given.sku({ total_stock: 5, price_minor: price, status: "draft", opens_at: opensAt })
  expected = { sku_id: sku.skuId, opens_at: opensAt, units: 5, price_minor: price, hold_seconds: 120 }
  deps = {
    ...{ pool: given.reader, kafka, endOffsets, requestsTopic, ours: [group], deadLettersTopic: topics.deadLetters },
    topics: (Object.keys(topicTable) as TopicKey[]).map((key) => ({ ...topicTable[key], name: names[key] })),
    groups: createOperateGroups({
      groups: createConsumerGroups(kafka),
      consumers: { stateOf: async () => consumers, stop: async () => "stopped", start: async () => "running" },
      ours: new Map([[group, topics.events]]),
      watermarks: async () => new Map(),
    }),
    redis: async () => given.redis,
    figures: async () => createSaleFigures(given.redis),
    provider: async () => given.provider.client,
    ...{ mendSchema: "npm start", mendTopics: "npm start", mendPaymentKey: "npm start" },
  }
  await warm()
  await vi.waitFor(async () => expect(await findings()).toEqual({}), { timeout: 20_000, interval: 500 })
}, 60_000)
afterAll(async () => {
  await Promise.all(closers.map((close) => close()))
  await given.expectInvariants()
  await given.close()
})

/** What the sweeper does: Redis knows every sale and every request, and every event is published. */
async function warm(): Promise<void> {
  await givenWarmer(given, given.reader)()
  await sql("UPDATE event_progress e SET published_seq = i.seq FROM inventory i WHERE i.sku_no = e.sku_no")
}
const sql = (text: string, values: unknown[] = []) => given.superuser.query(text, values)

/** The lines that are not ok, by item. */
async function findings(planted: Partial<PreflightDeps> = {}, sales: readonly ExpectedSale[] = [expected]) {
  const lines = await preflight({ ...deps, ...planted }, sales)
  const bad = lines.filter(({ state }) => state !== "ok" && state !== "does not apply")
  for (const { mend } of bad) expect(mend).not.toBeNull()
  return Object.fromEntries(bad.map(({ item, state, detail }: PreflightLine) => [item, `${state}: ${detail}`]))
}

interface Fault {
  readonly name: string
  readonly plant?: () => Promise<unknown>
  readonly undo?: () => Promise<unknown>
  readonly planted?: () => Partial<PreflightDeps>
  readonly sales?: () => readonly ExpectedSale[]
  /** The lines that turn, and what they say. */
  readonly lines: () => Readonly<Record<string, RegExp>>
}

const item = (what: string) => `${sku.skuId}: ${what}`
const faults: readonly Fault[] = [
  {
    name: "another stock than in the calendar",
    sales: () => [{ ...expected, units: 6 }],
    lines: () => ({ [item("record")]: /^not ok: stock 5, expected 6$/ }),
  },
  {
    name: "another price, hold time and opening than in the calendar",
    sales: () => [{ ...expected, price_minor: 1, hold_seconds: 60, opens_at: "2026-01-01T00:00:00.000Z" }],
    lines: () => ({
      [item("record")]: /price 500, expected 1; hold time 120 s, expected 60 s; it opens at .*, expected 2026-01-01/,
    }),
  },
  {
    name: "a SKU that does not exist",
    sales: () => [{ sku_id: "nowhere" }],
    lines: () => ({
      "nowhere: record": /^not ok: there is no SKU/,
      "nowhere: no old reservations": /^cannot tell/,
      "nowhere: mode": /^cannot tell/,
      "nowhere: stock in Redis": /^cannot tell/,
    }),
  },
  {
    name: "a sale that is halted",
    plant: async () => {
      await given.applyCommand(sku.skuNo, { kind: "halt", skuNo: sku.skuNo, freeze: true })
      await warm()
    },
    undo: async () => {
      await given.applyCommand(sku.skuNo, { kind: "resume", skuNo: sku.skuNo })
      await warm()
    },
    lines: () => ({ [item("mode")]: /^not ok: the mode is halted, frozen/ }),
  },
  {
    name: "a sale that Redis lost",
    plant: async () => createSaleFigures(given.redis).forget(sku.skuNo),
    undo: warm,
    lines: () => ({ [item("stock in Redis")]: /^not ok: Redis does not know the sale/ }),
  },
  {
    name: "another stock in Redis than in PostgreSQL",
    plant: () => given.redis.hset(redisKeys.sale(sku.skuNo), "total", 4),
    undo: async () => {
      await createSaleFigures(given.redis).forget(sku.skuNo)
      await warm()
    },
    lines: () => ({ [item("stock in Redis")]: /^not ok: total units 4, expected 5/ }),
  },
  {
    name: "a function of SQL that is not the one of this version",
    plant: () => sql("UPDATE applied_definitions SET sha256 = sha256('another') WHERE name = 'write_batch'"),
    undo: () => sql("UPDATE applied_definitions SET sha256 = $1 WHERE name = 'write_batch'", [writeBatchSha]),
    lines: () => ({ schema: /^not ok: the definition write_batch is not the one of this version$/ }),
  },
  {
    name: "a migration that is not applied",
    plant: () => sql("UPDATE migrations SET name = 'x' || name WHERE name = '0020_operator_settings'"),
    undo: () => sql("UPDATE migrations SET name = '0020_operator_settings' WHERE name = 'x0020_operator_settings'"),
    lines: () => ({ schema: /^not ok: the migration 0020_operator_settings is not applied$/ }),
  },
  {
    name: "units that the ledger does not know",
    plant: () =>
      sql("UPDATE inventory SET waitlist_limit = waitlist_limit, decided_waitlisted = 3 WHERE sku_no = $1", [sku.skuNo]),
    undo: () => sql("UPDATE inventory SET decided_waitlisted = 0 WHERE sku_no = $1", [sku.skuNo]),
    lines: () => ({ invariants: /^not ok: /, [item("no old reservations")]: /^not ok: 3 requests are decided/ }),
  },
  {
    name: "limits that an operator tightened, and a batch size of their own",
    plant: async () => {
      await setOperatorSettings(given.transition, ["limits"], "tight", "the test")
      await setOperatorSettings(given.transition, ["batch-size"], "100", "the test")
    },
    undo: () => sql("DELETE FROM operator_settings"),
    lines: () => ({
      "limits of admission": /^not ok: tightened by the test/,
      "batch size of the writer": /^not ok: 100 records, not 250/,
    }),
  },
  {
    name: "a clock of PostgreSQL that is wrong",
    planted: () => ({ pool: skewed(deps.pool, 300) }),
    lines: () => ({ PostgreSQL: /^not ok: PostgreSQL's clock is \d+(\.\d)? ms from ours/ }),
  },
  {
    name: "a topic that is missing, and one with too few partitions",
    planted: () => ({
      topics: [
        ...deps.topics.map((topic) => (topic.name === topics.orders ? { ...topic, partitions: 12 } : topic)),
        { name: "absent", partitions: 1, retentionMs: 1, watermarked: false },
      ],
    }),
    lines: () => ({ topics: /^not ok: .* has 10 partitions, not 12; the topic absent does not exist$/ }),
  },
  {
    name: "a partition without a watermark",
    plant: () => sql("DELETE FROM partition_progress WHERE topic = $1 AND partition = 9", [requestsTopic]),
    undo: () => sql("INSERT INTO partition_progress VALUES ($1, 9, 0)", [requestsTopic]),
    lines: () => ({ topics: /has no watermark for partition 9$/ }),
  },
  {
    name: "a topic that keeps records for too short a time",
    plant: () => setRetention(1_000),
    undo: () => setRetention(topicTable.reservationEvents.retentionMs),
    lines: () => ({ retention: /^not ok: .* has retention.ms 1000, not 604800000/ }),
  },
  {
    name: "consumers that an operator stopped",
    plant: async () => {
      consumers = "stopped"
    },
    undo: async () => {
      consumers = "running"
    },
    lines: () => ({ [group]: /^not ok: its consumers are stopped$/ }),
  },
  {
    name: "requests in a queue that Redis does not know",
    plant: () => given.redis.del(redisKeys.queue),
    undo: warm,
    lines: () => ({ "queue is loaded": /^not ok: Redis does not know every request/ }),
  },
  {
    name: "shoppers who cannot send all of their requests when the sale opens",
    plant: () => given.redis.set(redisKeys.bucket("somebody"), "1", "PX", 7_200_000),
    undo: () => given.redis.del(redisKeys.bucket("somebody")),
    lines: () => ({ "rate limits are full": /^not ok: 1 shoppers have used/ }),
  },
  {
    name: "a key that the payment provider refuses",
    planted: () => ({
      provider: async () => stripeProvider({ apiKey: async () => "sk_test_another", apiUrl: given.provider.url }),
    }),
    lines: () => ({ provider: /^not ok: The payment provider refuses our request to list payments/ }),
  },
  {
    name: "a payment provider that cannot be reached",
    planted: () => ({ provider: async () => given.provider.unreachable }),
    lines: () => ({ provider: /^cannot tell: / }),
  },
  {
    name: "a Redis that is away",
    planted: () => ({
      redis: async () => Promise.reject(new Error("Redis is away")),
      figures: async () => Promise.reject(new Error("Redis is away")),
    }),
    lines: () =>
      Object.fromEntries(
        [item("stock in Redis"), "server", "memory", "queue is loaded", "rate limits are full", "Redis"].map((line) => [
          line,
          /^cannot tell: Redis is away$/,
        ]),
      ),
  },
  // These leave traces: they come last.
  {
    name: "an event that was set aside",
    plant: () => append(topics.deadLetters, 0),
    undo: () => deleteRecords(topics.deadLetters),
    lines: () => ({ "dead letters": /^not ok: 1 events of the last day/ }),
  },
  {
    name: "a record that no consumer reads",
    plant: () => append(topics.events, 3),
    undo: () => deleteRecords(topics.events, 3),
    lines: () => ({ [group]: /^not ok: 1 records wait$/ }),
  },
  {
    name: "an event that is not published",
    plant: async () => {
      await sql("UPDATE event_progress SET published_seq = 0 WHERE sku_no = $1", [sku.skuNo])
    },
    planted: () => ({ pool: later(deps.pool, 60_000) }),
    undo: warm,
    lines: () => ({ "events are published": /^not ok: an event of .* waits for (?:[6-9]\d|\d{3,}) s/ }),
  },
  {
    name: "reservations of a rehearsal in a sale that is open already, and a record that nobody can decide",
    plant: async () => {
      await given.applyCommand(sku.skuNo, { kind: "open", skuNo: sku.skuNo })
      await given.reserve(sku, 2)
      const records = given.append(sku.partition, [{ key: sku.skuId, value: Buffer.from("no request") }])
      await given.parts().writer.write(requestsTopic, sku.partition, records, longTimeLeftMs)
      await warm()
    },
    lines: () => ({
      [item("record")]: /^not ok: it opens at .*, expected .*; the sale is open already$/,
      [item("no old reservations")]: /^not ok: 2 units are held; 2 requests are decided$/,
      quarantine: /^not ok: 1 records could not be decided; the first is /,
    }),
  },
]

let writeBatchSha: Buffer
beforeAll(async () => {
  const { rows } = await sql("SELECT sha256 FROM applied_definitions WHERE name = 'write_batch'")
  writeBatchSha = rows[0].sha256
})

test.each(faults)("it finds $name, and nothing else", async ({ plant, undo, planted, sales, lines }) => {
  await plant?.()
  try {
    const found = await findings(planted?.(), sales?.())
    const wanted = lines()
    expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort())
    for (const [line, text] of Object.entries(wanted)) expect(found[line]).toMatch(text)
  } finally {
    await undo?.()
  }
})

const append = async (topic: string, partition: number) => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ partition, value: "planted" }] })
  await producer.disconnect()
}
const withAdmin = async (use: (admin: ReturnType<Kafka["admin"]>) => Promise<unknown>) => {
  const admin = kafka.admin()
  await admin.connect()
  await use(admin).finally(() => admin.disconnect())
}
const deleteRecords = (topic: string, partition = 0) =>
  withAdmin(async (admin) => {
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: "-1" }] })
  })
const setRetention = (retentionMs: number) =>
  withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: 2,
          name: topics.events,
          configEntries: [
            { name: "retention.ms", value: String(retentionMs) },
            { name: "min.insync.replicas", value: "1" },
            { name: "unclean.leader.election.enable", value: "false" },
          ],
        },
      ],
    }),
  )

/** A pool whose rows pass through `change`. */
const through = (pool: Pool, change: (row: Record<string, unknown>) => Record<string, unknown>): Pool =>
  new Proxy(pool, {
    get(target, name) {
      if (name !== "query") return Reflect.get(target, name, target)
      return async (asked: QueryConfig) => {
        const result = await target.query(asked)
        return { ...result, rows: result.rows.map(change) }
      }
    },
  })
const skewed = (pool: Pool, ms: number) =>
  through(pool, (row) => (typeof row.now_ms === "number" ? { ...row, now_ms: row.now_ms + ms } : row))
const later = (pool: Pool, ms: number) =>
  through(pool, (row) => (typeof row.age_ms === "number" ? { ...row, age_ms: row.age_ms + ms } : row))
