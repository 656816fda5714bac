import { randomUUID } from "node:crypto"
import fc from "fast-check"
import type { Pool } from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { orderIdOf } from "../../core/domain/ids.ts"
import { maxWaitersPerTransaction } from "../../core/domain/sale.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import type { CommandResult } from "../../core/workflows/allocation/apply-command.ts"
import { sweep } from "../../lambdas/expiry-sweeper/workflow.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let checkout: Pool
beforeAll(async () => {
  given = await givenDatabase()
  checkout = await postgresPool({ role: "checkout", size: 4 })
})
afterAll(async () => {
  await checkout.end()
  await given.close()
})

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>
type TimedEvent = "opens_at" | "closes_at" | "expires_at" | "none"

const command = fc.constantFrom(
  ...([
    "write",
    "write",
    "cancel",
    "cancel",
    "cancel",
    "pay",
    "paid",
    "payment_failed",
    "refunded",
    "restock",
    "recall",
  ] as const),
  ...(["expire", "open", "close", "halt", "resume", "switch", "extend"] as const),
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** Concurrent commands, at a moment that is so many milliseconds before or after an event. */
const step = fc.record({
  event: fc.constantFrom<TimedEvent>("opens_at", "closes_at", "closes_at", "expires_at", "none"),
  awayMs: fc.constantFrom(-1, 0, 1, 4),
  commands: fc.array(fc.tuple(command, fc.nat(30)), { minLength: 1, maxLength: 3 }),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const shape = fc.record({
  total_stock: fc.integer({ min: 0, max: 3 }),
  waitlist_limit: fc.integer({ min: 1, max: 6 }),
  hold_seconds: fc.constantFrom(60, 600, 3_000),
  status: fc.constantFrom("draft" as const, "open" as const, "open" as const),
  opens: fc.option(fc.constantFrom(100, 400), { nil: undefined, freq: 4 }),
  closes: fc.option(fc.constantFrom(500, 1_000), { nil: undefined, freq: 4 }),
})

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

/** The first waiter cancels a moment after the closing time, before anybody has closed the sale. */
const cancelAfterClosing: [Shape, Step[]] = [
  { total_stock: 0, waitlist_limit: 6, hold_seconds: 60, status: "open", opens: undefined, closes: 500 },
  [{ event: "closes_at", awayMs: -1, commands: [["cancel", 0]] }],
]

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString()

/** Moves the data's clock of a SKU forward, never back, until the event is so far away. */
async function passTime({ skuNo }: Sku, event: TimedEvent, awayMs: number): Promise<void> {
  if (event === "none") return
  const nextOf = event === "expires_at" ? "(SELECT min(expires_at) FROM reservations r WHERE r.sku_no = $1 AND state = 1)" : event
  const { rows } = await given.superuser.query<{ passes: string | null }>(
    `SELECT (greatest(interval '0', ${nextOf} - clock_timestamp() - $2 * interval '1 ms'))::text AS passes FROM inventory WHERE sku_no = $1`,
    [skuNo, awayMs],
  )
  const passes = rows[0]?.passes
  if (passes == null) return
  await given.superuser.query("UPDATE reservations SET expires_at = expires_at - $2::interval WHERE sku_no = $1 AND state = 1", [
    skuNo,
    passes,
  ])
  await given.superuser.query(
    "UPDATE inventory SET opens_at = opens_at - $2::interval, closes_at = closes_at - $2::interval WHERE sku_no = $1",
    [skuNo, passes],
  )
}

/** Runs commands on one SKU; each names one of the earlier requests by number. */
function commandsOn(sku: Sku) {
  const { skuNo } = sku
  const { applyCommand, writer } = given.parts()
  const records: ReturnType<typeof requestRecord>[] = []
  let delivered: Promise<void> = Promise.resolve()

  /** As Kafka does: one delivery of a partition at a time. */
  const deliver = (...sent: typeof records): Promise<void> => {
    records.push(...sent)
    delivered = delivered.then(async () => {
      const result = await writer.write(requestsTopic, sku.partition, given.append(sku.partition, sent), longTimeLeftMs)
      expect(result).toEqual({ kind: "written" })
    })
    return delivered
  }

  async function pay({ id, userId }: { id: string; userId: string }): Promise<void> {
    const { rows } = await checkout.query<{ quantity: number }>("SELECT quantity FROM reservations WHERE id = $1 AND state = 1", [
      id,
    ])
    const [held] = rows
    if (held === undefined) return
    const attempt = randomUUID()
    await checkout.query(
      `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
       VALUES ($1, $2, $3, $4, 1, $5, 'EUR', 'AUTHORISED') ON CONFLICT DO NOTHING`,
      [attempt, id, userId, skuNo, held.quantity * 500],
    )
    await checkout.query("SELECT FROM confirm_reservation($1, $2, $3, $4)", [id, userId, attempt, orderIdOf(id)])
  }

  /** A partial refund, one that keeps the unit, or one of all that is left. */
  async function refund(orderId: string, number: number): Promise<CommandResult> {
    const refundId = randomUUID()
    await given.transition.query("SELECT FROM request_refund($1, '\\x01', $2, $3, 'a test', $4, NULL)", [
      refundId,
      orderId,
      number % 3 === 0 ? 200 : null,
      number % 2 === 0,
    ])
    return applyCommand(skuNo, { kind: "refund", orderId, refundId, as: "succeeded" })
  }

  return {
    deliver,
    carryOut(name: Command, number: number): Promise<CommandResult | unknown> {
      const of = records[number % Math.max(1, records.length)] ?? requestRecord(sku)
      const orderId = orderIdOf(of.id)
      switch (name) {
        case "write":
          return deliver(...[1, 2, 1].map((quantity) => requestRecord(sku, { quantity, joinWaitlist: true })), requestRecord(sku))
        case "cancel":
          return applyCommand(skuNo, { kind: "cancel", reservationId: of.id, userId: of.userId })
        case "pay":
          return pay(of)
        case "paid":
          return applyCommand(skuNo, { kind: "paid", orderIds: [orderId] })
        case "payment_failed":
          return applyCommand(skuNo, { kind: "revoke", orderId, as: name })
        case "refunded":
          return refund(orderId, number)
        case "restock":
        case "recall":
          return applyCommand(skuNo, { kind: "restock", skuNo, quantity: name === "restock" ? 1 : -1 })
        case "switch":
          return applyCommand(skuNo, { kind: "switch", skuNo, mode: number % 2 === 0 ? "direct" : "batch" })
        case "extend":
          return given.superuser.query("SELECT extend_by_hand($1, 5)", [skuNo])
        case "expire":
          return applyCommand(skuNo, { kind: "expire" })
        default:
          return applyCommand(skuNo, { kind: name, skuNo })
      }
    },
  }
}

test("no command fails at any moment around opening, closing and the ends of holds, and every invariant holds", async () => {
  const { applyCommand } = given.parts()
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(step, { minLength: 8, maxLength: 14 }),
      async ({ opens, closes, status, ...definition }, steps) => {
        const sku = await given.sku({
          ...{ per_user_limit: 2, ...definition, status },
          ...(opens !== undefined && { opens_at: inSeconds(opens) }),
          ...(closes !== undefined && { closes_at: inSeconds(closes) }),
        })
        const { carryOut } = commandsOn(sku)
        if (status === "draft") await passTime(sku, "opens_at", -1)
        await carryOut("write", 0)
        for (const { event, awayMs, commands } of steps) {
          await passTime(sku, event, awayMs)
          await Promise.all(commands.map(([name, number]) => carryOut(name, number)))
        }
        await sweep(given.reader, applyCommand)
      },
    ),
    { numRuns: 60, examples: [cancelAfterClosing] },
  )
  await given.expectInvariants()
}, 60_000)

test("with more waitlist entries than lapse in one transaction, a remaining one can cancel once, and the others lapse with it", async () => {
  const { applyCommand, transact } = given.parts()
  const sku = await given.sku({ total_stock: 0, waitlist_limit: 1_000, closes_at: inSeconds(3_600) })
  const waiters = Array.from({ length: maxWaitersPerTransaction + 50 }, () => requestRecord(sku, { joinWaitlist: true }))
  await commandsOn(sku).deliver(...waiters)
  await passTime(sku, "closes_at", 0)
  // One transaction only: the remaining entries stay on the waitlist of a closed sale.
  await transact({ skuNos: [sku.skuNo], ids: [], holders: [] }, () => ({ command: { kind: "close", skuNo: sku.skuNo } }))
  expect((await given.inventory(sku.skuNo)).waitlisted).toBe(50)
  const cancels = waiters
    .slice(-20)
    .map(({ id, userId }) => applyCommand(sku.skuNo, { kind: "cancel", reservationId: id, userId }))
  const states = (await Promise.all(cancels)).map(({ reservation }) => reservation?.state)
  // The first cancel also makes the others lapse, in its transaction.
  expect(states.sort()).toEqual(["CANCELLED", ...Array(19).fill("LAPSED")])
  await sweep(given.reader, applyCommand)
  expect((await given.inventory(sku.skuNo)).waitlisted).toBe(0)
  await given.expectInvariants()
})
