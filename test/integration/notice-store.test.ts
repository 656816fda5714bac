import { randomUUID } from "node:crypto"
import { Client, type Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dynamoNoticeStore } from "../../core/adapters/dynamodb/notices.ts"
import { type NoticeFacts, type NoticeStore, noticeRetentionDays } from "../../core/adapters/notices/notice-store.ts"
import { deleteOldNotices, postgresNoticeStore } from "../../core/adapters/postgres/notices.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { topics } from "../../core/contracts/topics.ts"
import { noticeStates } from "../../core/domain/notices/notice.ts"
import { forgetNotices } from "../../core/workflows/streams/notices-again.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { startDynamo, type TestDynamo } from "../services/dynamodb.ts"
import { noticesTable } from "../services/dynamodb-tables.ts"

let database: TestDatabase
let pool: Pool
let table: TestDynamo
const stores: Record<string, NoticeStore> = {}

beforeAll(async () => {
  ;[database, table] = await Promise.all([freshDatabase(), startDynamo(noticesTable("notices"))])
  pool = createPool({ connectionString: database.url }, { role: "notifier", size: 4 })
  stores.PostgreSQL = postgresNoticeStore(pool)
  stores.DynamoDB = dynamoNoticeStore(table.client, "notices")
})
afterAll(async () => {
  await Promise.all([pool.end(), table.close()])
  await database.drop()
})

let serial = 0
/** The facts of a notice that no other test uses. */
function newNotice(more: Partial<NoticeFacts> = {}): NoticeFacts {
  serial += 1
  return {
    eventId: `7-${serial}-0`,
    generation: 1,
    kind: "order-confirmed",
    skuId: "sku-1",
    reservationId: randomUUID(),
    orderId: randomUUID(),
    occurredAtMs: Date.UTC(2026, 10, 27, 9, 0, 0, 123),
    ...more,
  }
}

// Both adapters have one contract.
describe.each(["PostgreSQL", "DynamoDB"])("notices in %s", (name) => {
  const store = () => stores[name] as NoticeStore
  const stateOf = async ({ reservationId }: NoticeFacts) =>
    (await store().list({ reservationId, limit: 10 })).map(({ state, reason, messageId }) => ({ state, reason, messageId }))
  const intended = async (notice = newNotice()) => {
    const attempt = randomUUID()
    expect(await store().record(notice, "INTENDED", attempt)).toBeUndefined()
    return { notice, attempt }
  }

  test("are recorded before they are sent, and settled after that", async () => {
    const { notice, attempt } = await intended()
    expect(await stateOf(notice)).toMatchObject([{ state: "INTENDED" }])
    await store().settle(notice, attempt, { state: "SENT", messageId: "m-1" })
    const [found] = await store().list({ reservationId: notice.reservationId, limit: 10 })
    expect(found).toEqual({ ...notice, state: "SENT", reason: undefined, messageId: "m-1", changedAtMs: expect.any(Number) })
  })

  test("are recorded once: of many senders of one event, one may send", async () => {
    const notice = newNotice()
    const answers = await Promise.all(Array.from({ length: 8 }, () => store().record(notice, "INTENDED", randomUUID())))
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1)
    expect(answers.filter((answer) => answer === "INTENDED")).toHaveLength(7)
  })

  test("belong to their sender also when the answer to its record was lost", async () => {
    const { notice, attempt } = await intended()
    expect(await store().record(notice, "INTENDED", attempt)).toBeUndefined()
  })

  test("are settled by their own sender alone, once, and also after they were given up", async () => {
    const { notice, attempt } = await intended()
    await store().settle(notice, randomUUID(), { state: "FAILED", reason: "of-another" })
    expect(await stateOf(notice)).toMatchObject([{ state: "INTENDED" }])
    expect(await store().giveUp(notice)).toBe(true)
    expect(await store().giveUp(notice)).toBe(false)
    expect(await stateOf(notice)).toMatchObject([{ state: "UNKNOWN", reason: "sender-ended" }])
    await store().settle(notice, attempt, { state: "SENT", messageId: "late" })
    expect(await stateOf(notice)).toEqual([{ state: "SENT", reason: undefined, messageId: "late" }])
    await store().settle(notice, attempt, { state: "FAILED", reason: "too-late" })
    expect(await stateOf(notice)).toMatchObject([{ state: "SENT" }])
    expect(await store().giveUp(notice)).toBe(false)
  })

  test("that were certainly not sent are forgotten; their event is sent later", async () => {
    const { notice, attempt } = await intended()
    await store().release(notice, randomUUID())
    expect(await stateOf(notice)).toHaveLength(1)
    await store().release(notice, attempt)
    await store().release(notice, attempt)
    expect(await stateOf(notice)).toEqual([])
    await intended(notice)
  })

  test("that were given up meanwhile stay UNKNOWN when their sender did not send them", async () => {
    const { notice, attempt } = await intended()
    await store().giveUp(notice)
    await store().release(notice, attempt)
    expect(await stateOf(notice)).toMatchObject([{ state: "UNKNOWN" }])
  })

  test("take a report of a bounce or a complaint, and the worse one stays", async () => {
    const { notice, attempt } = await intended()
    await store().settle(notice, attempt, { state: "SENT", messageId: "m-2" })
    expect(await store().report(notice, "BOUNCED", "Permanent")).toBe(true)
    expect(await store().report(notice, "COMPLAINED")).toBe(true)
    expect(await store().report(notice, "BOUNCED", "Permanent")).toBe(false)
    expect(await stateOf(notice)).toMatchObject([{ state: "COMPLAINED" }])
    expect(await store().report(newNotice(), "BOUNCED")).toBe(false)
    await store().settle(notice, attempt, { state: "SENT" })
    expect(await stateOf(notice)).toMatchObject([{ state: "COMPLAINED" }])
  })

  test("without an address are recorded as such", async () => {
    const notice = newNotice({ orderId: undefined, kind: "hold-expired" })
    expect(await store().record(notice, "NO_ADDRESS", randomUUID())).toBeUndefined()
    expect(await store().record(notice, "INTENDED", randomUUID())).toBe("NO_ADDRESS")
    expect(await stateOf(notice)).toMatchObject([{ state: "NO_ADDRESS" }])
  })

  test("are listed for an operator: by reservation, by state, the last changed first, up to a limit", async () => {
    const reservationId = randomUUID()
    const notices = Array.from({ length: 3 }, () => newNotice({ reservationId }))
    for (const notice of notices) {
      const { attempt } = await intended(notice)
      await store().settle(notice, attempt, { state: "FAILED", reason: "MessageRejected" })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const newestFirst = notices.map(({ eventId }) => eventId).reverse()
    const ids = async (query: Parameters<NoticeStore["list"]>[0]) => (await store().list(query)).map(({ eventId }) => eventId)
    expect(await ids({ reservationId, limit: 10 })).toEqual(newestFirst)
    expect(await ids({ state: "FAILED", limit: 2 })).toEqual(newestFirst.slice(0, 2))
    expect(await ids({ limit: 3 })).toEqual(newestFirst)
    expect(await ids({ reservationId, state: "SENT", limit: 10 })).toEqual([])
    for (const state of noticeStates) for (const one of await store().list({ state, limit: 100 })) expect(one.state).toBe(state)
  })

  test("are sent again in the next generation, and those of earlier ones stay", async () => {
    const notice = newNotice({ generation: await store().generation() })
    await intended(notice)
    const { previous, current } = await forgetNotices(store())
    expect([previous, current]).toEqual([notice.generation, notice.generation + 1])
    expect(await store().generation()).toBe(current)
    await intended({ ...notice, generation: current })
    expect(await stateOf(notice)).toHaveLength(2)
  })

  test("hold no address, no name and no user", async () => {
    const { notice } = await intended()
    const [found] = await store().list({ reservationId: notice.reservationId, limit: 1 })
    expect(Object.keys(found ?? {}).sort()).toEqual(
      [...Object.keys(notice), "state", "reason", "messageId", "changedAtMs"].sort(),
    )
  })
})

test("notices are kept longer than their events, and then deleted", async () => {
  expect(noticeRetentionDays * 24 * 3_600_000).toBeGreaterThan(topics.reservationEvents.retentionMs)
  const client = new Client({ connectionString: database.superuserUrl })
  await client.connect()
  const [kept, old] = [newNotice(), newNotice()]
  for (const notice of [kept, old]) await stores.PostgreSQL?.record(notice, "NO_ADDRESS", randomUUID())
  await client.query("UPDATE notices.notices SET changed_at = changed_at - make_interval(days => $1) WHERE event_id = $2", [
    noticeRetentionDays + 1,
    old.eventId,
  ])
  await deleteOldNotices(pool)
  const { rows } = await client.query("SELECT event_id FROM notices.notices WHERE event_id = ANY($1)", [
    [kept.eventId, old.eventId],
  ])
  expect(rows).toEqual([{ event_id: kept.eventId }])
  await client.end()
})

test("the role of the notifier reads nothing of a sale", async () => {
  for (const read of ["SELECT FROM reservations", "SELECT FROM orders", "SELECT FROM inventory", "SELECT FROM ledger"]) {
    await expect(pool.query(read)).rejects.toThrow("permission denied")
  }
})
