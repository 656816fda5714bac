import type { Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { type EventBatch, takeTurn, unpublishedSkus } from "../../core/adapters/postgres/outbox.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { publishTurn, type RelayLimits, relayLimits } from "../../core/workflows/allocation/relay-turn.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let pool: Pool
beforeAll(async () => {
  given = await givenDatabase()
  pool = await postgresPool({ role: "relay", size: 1 })
})
afterAll(async () => {
  await pool.end()
  await given.close()
})

interface Published {
  readonly skuId: string
  readonly ids: readonly string[]
}

/** An event log that keeps its events; `before` runs before each acknowledgement. */
function eventLog(before: (batch: EventBatch) => Promise<unknown> = async () => {}) {
  const batches: Published[] = []
  return {
    batches,
    publish: async (batch: EventBatch) => {
      await before(batch)
      batches.push({ skuId: batch.skuId, ids: batch.events.map(({ event_id }) => event_id) })
    },
    close: async () => {},
  }
}

const idsOf = (log: { batches: readonly Published[] }, skuId: string) =>
  log.batches.filter((batch) => batch.skuId === skuId).flatMap(({ ids }) => ids)

const maxDeliveryRecords = 2_000

/** A SKU whose ledger holds so many accepted requests; nothing of it is published. */
async function skuWithAccepted(count: number) {
  const sku = await given.sku({ total_stock: count })
  const { writer } = given.parts()
  for (let written = 0; written < count; written += maxDeliveryRecords) {
    const records = Array.from({ length: Math.min(maxDeliveryRecords, count - written) }, () => requestRecord(sku))
    const result = await writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
    expect(result).toEqual({ kind: "written" })
  }
  return sku
}

/** The ids that the events of a SKU must have, in order: one for each accepted request and for each other entry. */
async function expectedIds(skuNo: number): Promise<string[]> {
  const { rows } = await given.superuser.query<{ id: string }>(
    `SELECT format('%s-%s-%s', sku_no, seq, ord) AS id FROM (
       SELECT sku_no, seq, ord FROM reservations WHERE sku_no = $1 AND outcome <= 2
       UNION ALL SELECT sku_no, seq, 0 FROM ledger WHERE sku_no = $1 AND kind <> 'decided') events
     ORDER BY seq, ord`,
    [skuNo],
  )
  return rows.map(({ id }) => id)
}

async function publishedSeq(skuNo: number): Promise<number> {
  const { rows } = await given.superuser.query<{ published_seq: number }>(
    "SELECT published_seq FROM event_progress WHERE sku_no = $1",
    [skuNo],
  )
  return rows[0]?.published_seq ?? -1
}

const relayUntilEmpty = async (log: ReturnType<typeof eventLog>, limits: RelayLimits = relayLimits) => {
  let calls = 0
  while ((await unpublishedSkus(pool)).length > 0) {
    await relayLedger({ pool, events: log }, limits)
    calls += 1
  }
  return calls
}

describe("turns", () => {
  test("100,000 accepted requests are published over several turns, each within its limit, in order, without gap or duplicate", async () => {
    const sku = await skuWithAccepted(100_000)
    const turns: number[] = []
    const log = eventLog()
    for (;;) {
      const turn = await takeTurn(pool, sku.skuNo, relayLimits.leaseMs)
      const before = idsOf(log, sku.skuId).length
      const { entries } = turn ? await publishTurn(turn, log, { ...relayLimits, maxTurnMs: 60_000 }) : { entries: 0 }
      await turn?.release()
      if (entries === 0) break
      turns.push(idsOf(log, sku.skuId).length - before)
    }
    expect(turns.length).toBeGreaterThanOrEqual(15)
    // A turn ends after the entry with which it exceeds its limit.
    for (const events of turns) expect(events).toBeLessThanOrEqual(relayLimits.maxTurnEvents + maxDeliveryRecords)
    expect(Math.max(...log.batches.map(({ ids }) => ids.length))).toBeLessThanOrEqual(relayLimits.maxSendEvents)
    expect(idsOf(log, sku.skuId)).toEqual(await expectedIds(sku.skuNo))
    expect(await publishedSeq(sku.skuNo)).toBe((await given.inventory(sku.skuNo)).seq)
    await given.expectInvariants()
  })

  test.each([
    ["events", { maxTurnEvents: 10 }],
    ["bytes", { maxTurnBytes: 3_000 }],
    ["time", { maxTurnMs: 0 }],
  ])("a turn ends once its bound of %s is passed, and what is left comes in the next one", async (_, bound) => {
    await relayUntilEmpty(eventLog())
    const sku = await given.sku({ total_stock: 100 })
    for (let entry = 0; entry < 8; entry += 1) {
      const records = Array.from({ length: 6 }, () => requestRecord(sku))
      await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
    }
    const log = eventLog()
    const limits = { ...relayLimits, maxSendEvents: 7, ...bound }
    const turn = await takeTurn(pool, sku.skuNo, limits.leaseMs)
    const { entries = 0 } = (await (turn && publishTurn(turn, log, limits))) ?? {}
    await turn?.release()
    expect(entries).toBeGreaterThan(0)
    expect(entries).toBeLessThan(6)
    expect(await publishedSeq(sku.skuNo)).toBe(entries)
    await relayUntilEmpty(log, limits)
    expect(idsOf(log, sku.skuId)).toEqual(await expectedIds(sku.skuNo))
  })

  test("a busy SKU starves no other of its partition: the others get their turn after one of its turns", async () => {
    await relayUntilEmpty(eventLog())
    const busy = await given.sku({ total_stock: 1_000 })
    const others = [await given.sku({ total_stock: 1 }), await given.sku({ total_stock: 1 })]
    await given.superuser.query("UPDATE inventory SET partition = $1 WHERE sku_no = ANY($2)", [
      busy.partition,
      others.map(({ skuNo }) => skuNo),
    ])
    for (let entry = 0; entry < 20; entry += 1) {
      const records = Array.from({ length: 10 }, () => requestRecord(busy))
      await given.parts().writer.write(requestsTopic, busy.partition, given.append(busy.partition, records), longTimeLeftMs)
    }
    const log = eventLog()
    await relayLedger({ pool, events: log }, { ...relayLimits, maxTurnEvents: 20, maxSendEvents: 10 })
    const order = log.batches.map(({ skuId }) => skuId)
    for (const { skuId } of others) {
      const before = order.slice(0, order.indexOf(skuId)).filter((id) => id === busy.skuId)
      expect(before.length).toBeGreaterThan(0)
      expect(before.length).toBeLessThanOrEqual(4)
    }
    expect(idsOf(log, busy.skuId)).toEqual(await expectedIds(busy.skuNo))
  })
})

describe("while the relay waits for a broker", () => {
  test("it has no open transaction and holds no lock", async () => {
    await skuWithAccepted(3)
    const open: unknown[] = []
    const look = async () => {
      const { rows } = await given.superuser.query(
        `SELECT state, xact_start FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'flash-sale relay' AND (state <> 'idle' OR xact_start IS NOT NULL)`,
      )
      const locks = await given.superuser.query("SELECT sku_no FROM event_progress FOR UPDATE NOWAIT")
      open.push(...rows, ...(locks.rowCount === 0 ? ["no row"] : []))
    }
    const log = eventLog(look)
    await relayLedger({ pool, events: log })
    expect(log.batches.length).toBeGreaterThan(0)
    expect(open).toEqual([])
  })

  test("a partition whose broker does not answer delays no other partition", async () => {
    await relayUntilEmpty(eventLog())
    const stuck = await skuWithAccepted(2)
    const others = await Promise.all([skuWithAccepted(2), skuWithAccepted(2)])
    const mayContinue = Promise.withResolvers<void>()
    const log = eventLog(async ({ skuId }) => skuId === stuck.skuId && (await mayContinue.promise))
    const call = relayLedger({ pool, events: log })
    await vi.waitFor(async () => {
      for (const { skuNo } of others) expect(await publishedSeq(skuNo)).toBe((await given.inventory(skuNo)).seq)
    })
    // Entries that arrive meanwhile are published in the same call.
    const late = await skuWithAccepted(1)
    if (late.partition === stuck.partition) throw new Error("The late SKU shares the partition")
    await vi.waitFor(async () => expect(await publishedSeq(late.skuNo)).toBe((await given.inventory(late.skuNo)).seq), 2_000)
    expect(await publishedSeq(stuck.skuNo)).toBe(0)
    mayContinue.resolve()
    await call
    expect(await publishedSeq(stuck.skuNo)).toBe((await given.inventory(stuck.skuNo)).seq)
  })
})

describe("two relays", () => {
  test("one that froze while it published moves nothing back when it continues, and publishes nothing more", async () => {
    await relayUntilEmpty(eventLog())
    const sku = await skuWithAccepted(40)
    const limits = { ...relayLimits, maxSendEvents: 10, leaseMs: 50, maxSendMs: 1_000 }
    const isFrozen = Promise.withResolvers<void>()
    const mayWake = Promise.withResolvers<void>()
    const frozenLog = eventLog(async () => {
      isFrozen.resolve()
      await mayWake.promise
    })
    const frozen = relayLedger({ pool, events: frozenLog }, limits)
    await isFrozen.promise
    // The data's clock: its lease has run out.
    await given.superuser.query("UPDATE event_progress SET claimed_until = now() - interval '1 second' WHERE sku_no = $1", [
      sku.skuNo,
    ])
    const log = eventLog()
    await relayUntilEmpty(log)
    const { seq } = await given.inventory(sku.skuNo)
    expect(await publishedSeq(sku.skuNo)).toBe(seq)
    mayWake.resolve()
    expect(await frozen).toBe(0)
    expect(await publishedSeq(sku.skuNo)).toBe(seq)
    expect(idsOf(log, sku.skuId)).toEqual(await expectedIds(sku.skuNo))
    // Only the events that were being sent when it froze.
    expect(frozenLog.batches).toHaveLength(1)
    await given.expectInvariants()
  })

  test("one that froze in the middle of an entry does not send the rest of it", async () => {
    await relayUntilEmpty(eventLog())
    const sku = await skuWithAccepted(40)
    const turn = await takeTurn(pool, sku.skuNo, 1_000)
    const limits = { ...relayLimits, maxSendEvents: 10, maxSendMs: 2_000 }
    const log = eventLog(async () => {
      await given.superuser.query("UPDATE event_progress SET claim = gen_random_uuid() WHERE sku_no = $1 AND $2", [
        sku.skuNo,
        log.batches.length === 1,
      ])
    })
    const result = turn && (await publishTurn(turn, log, limits))
    expect(result?.isLost).toBe(true)
    expect(log.batches).toHaveLength(2)
    await given.superuser.query("UPDATE event_progress SET claimed_until = NULL")
    await relayUntilEmpty(eventLog())
  })

  test("while one has the turn the other skips the SKU; after its death the other continues once the lease has run out", async () => {
    await relayUntilEmpty(eventLog())
    const sku = await skuWithAccepted(2)
    // It dies without ending the turn.
    expect(await takeTurn(pool, sku.skuNo, 3_600_000)).toMatchObject({ publishedSeq: 0 })
    expect(await takeTurn(pool, sku.skuNo, 3_600_000)).toBeUndefined()
    const log = eventLog()
    await relayLedger({ pool, events: log })
    expect(idsOf(log, sku.skuId)).toEqual([])
    await given.superuser.query("UPDATE event_progress SET claimed_until = now() WHERE sku_no = $1", [sku.skuNo])
    await relayLedger({ pool, events: log })
    expect(idsOf(log, sku.skuId)).toEqual(await expectedIds(sku.skuNo))
  })

  test("one of the previous version, which locks the row, publishes at the same time, and the position never goes back", async () => {
    await relayUntilEmpty(eventLog())
    const sku = await skuWithAccepted(5)
    const { seq } = await given.inventory(sku.skuNo)
    const old = await given.superuser.connect()
    await old.query("BEGIN")
    await old.query("SELECT published_seq FROM event_progress WHERE sku_no = $1 FOR UPDATE SKIP LOCKED", [sku.skuNo])
    expect(await takeTurn(pool, sku.skuNo, 1_000)).toBeUndefined()
    await old.query("ROLLBACK")

    // The old one publishes everything while the new one waits for its broker.
    const log = eventLog(async () => {
      await old.query("BEGIN")
      await old.query("SELECT published_seq FROM event_progress WHERE sku_no = $1 FOR UPDATE SKIP LOCKED", [sku.skuNo])
      await old.query("UPDATE event_progress SET published_seq = $2 WHERE sku_no = $1", [sku.skuNo, seq])
      await old.query("COMMIT")
    })
    await relayLedger({ pool, events: log }, { ...relayLimits, maxSendEvents: 1 })
    old.release()
    expect(await publishedSeq(sku.skuNo)).toBe(seq)
    expect(log.batches).toHaveLength(1)
    await given.expectInvariants()
  })
})
