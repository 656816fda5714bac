import { randomUUID } from "node:crypto"
import fc from "fast-check"
import type { PoolClient } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { integer, uuid } from "../../core/adapters/postgres/parameter-types.ts"
import { statement } from "../../core/adapters/postgres/statement.ts"
import readCheckoutText from "../../core/adapters/postgres/statements/pay-read-checkout.sql"
import { type AttemptStatus, nextStep } from "../../core/domain/checkout.ts"
import { decide } from "../../core/domain/decide.ts"
import { ownerOf } from "../../core/domain/ids.ts"
import { isHeldAt, type Outcome, outcomeCodes, type Reservation, type State, stateCodes } from "../../core/domain/reservation.ts"
import type { SkuSale } from "../../core/domain/sale.ts"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"

/*
 * Two programs decide when a hold ends and whether it may still become an order: PL/pgSQL, because a confirmation is then one
 * round trip, and TypeScript, for cancels and for the next step of a checkout. Here both decide the same generated cases, to the
 * microsecond.
 */

const states: readonly State[] = ["RESERVED", "CONFIRMED", "EXPIRED", "CANCELLED"]
const attempts: readonly AttemptStatus[] = ["OPEN", "ACTION_REQUIRED", "AUTHORISED", "DECLINED", "CONFIRMED", "ABANDONED"]

const readCheckout = statement(readCheckoutText, { reservation_id: uuid, user_id: uuid, owner: integer, attempt_id: uuid })

interface Case {
  readonly state: State
  readonly attempt: AttemptStatus
  /** From the moment of the decision to the end of the hold, in microseconds. */
  readonly leftMicros: number
  readonly quantity: number
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    // In most cases the time decides.
    state: fc.oneof(
      { weight: 5, arbitrary: fc.constant<State>("RESERVED") },
      { weight: 2, arbitrary: fc.constantFrom(...states) },
    ),
    attempt: fc.oneof(
      { weight: 5, arbitrary: fc.constant<AttemptStatus>("AUTHORISED") },
      { weight: 2, arbitrary: fc.constantFrom(...attempts) },
    ),
    leftMicros: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -3_600_000_000, max: 3_600_000_000 })),
    quantity: fc.integer({ min: 1, max: 3 }),
  })
  // The database never holds this: a confirmation changes both in one transaction.
  .filter(({ state, attempt }) => (state === "RESERVED" ? attempt !== "CONFIRMED" : true))

/** The answer of each side: may the hold be confirmed, may it be cancelled, and has it run out? */
interface Verdict {
  readonly confirmation: "confirmed" | "expired" | "lost"
  readonly overdue: boolean
}

let given: GivenDatabase
let sku: { skuNo: number }
let sale: SkuSale
/** The data's clock: no ledger entry may be older than the last one, so this is the moment of every decision. */
let now: number

beforeAll(async () => {
  given = await givenDatabase()
  sku = await given.sku({ total_stock: 10, per_user_limit: 3 })
  const { transact } = given.parts()
  const { loaded } = await transact({ skuNos: [sku.skuNo], ids: [], holders: [] }, () => ({ command: { kind: "expire" } }))
  sale = loaded.state.skus.get(sku.skuNo) as SkuSale
  now = loaded.now + 86_400_000_000
})
afterAll(() => given.close())

function reservationOf({ state, leftMicros, quantity }: Case): Reservation & { readonly userId: string } {
  const userId = randomUUID()
  const outcome: Outcome = "reserved"
  return {
    ...{ id: randomUUID(), skuNo: sku.skuNo, seq: 1, ord: 0, outcome, state, quantity, userId },
    ...{ owner: ownerOf(userId), bodyHash: 1, expiresAt: now + leftMicros },
  }
}

/** The answer of TypeScript to a case. */
function pureVerdict({ attempt: status }: Case, reservation: Reservation, isHeld: typeof isHeldAt): Verdict {
  const overdue = reservation.state === "RESERVED" && !isHeld(reservation, now)
  const attempt = { attemptId: "a", status, bodyHash: 1, amountMinor: 500, currency: "EUR", settled: false }
  const facts = { reservation: { ...reservation, overdue }, attempt, otherAttemptOpen: false }
  const { kind } = nextStep(facts, 1)
  const isConfirmed = kind === "confirm" || (kind === "order" && status === "CONFIRMED")
  // Without an authorised payment there is nothing to confirm, at any time.
  const isExpired = kind === "expire" && status === "AUTHORISED"
  return { confirmation: isConfirmed ? "confirmed" : isExpired ? "expired" : "lost", overdue }
}

/** The answer of PostgreSQL to a case, in a transaction that is rolled back. */
async function databaseVerdict({ attempt }: Case, reservation: Reservation & { readonly userId: string }): Promise<Verdict> {
  const client = await given.superuser.connect()
  try {
    await client.query("BEGIN")
    const attemptId = await plant(client, reservation, attempt)
    const { id, userId, owner } = reservation
    const facts = await client.query<{ overdue: boolean }>(
      readCheckout({ reservation_id: id, user_id: userId, owner, attempt_id: attemptId }),
    )
    const confirmed = await client.query("SELECT outcome FROM confirm_reservation($1, $2, $3, $4)", [
      ...[id, userId, attemptId],
      randomUUID(),
    ])
    return { confirmation: confirmed.rows[0]?.outcome, overdue: facts.rows[0]?.overdue ?? false }
  } finally {
    await client.query("ROLLBACK")
    client.release()
  }
}

async function plant(client: PoolClient, reservation: Reservation, attempt: AttemptStatus): Promise<string> {
  const { id, skuNo, userId, owner, quantity, outcome, state, expiresAt } = reservation
  const attemptId = randomUUID()
  await client.query("UPDATE inventory SET ledger_at = instant($2), reserved_count = reserved_count + $3 WHERE sku_no = $1", [
    ...[skuNo, now, quantity],
  ])
  await client.query(
    `INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
     VALUES (instant($1), $2, 1, 0, $3, $4, $5, $6, $7, $8, 1)`,
    [expiresAt, skuNo, outcomeCodes[outcome], stateCodes[state], quantity, id, userId, owner],
  )
  await client.query(
    "INSERT INTO user_holdings (sku_no, user_id, units, cap, unpaid_holds, unpaid_cap) VALUES ($1, $2, $3, 3, 1, 2)",
    [skuNo, userId, quantity],
  )
  await client.query(
    `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
     VALUES ($1, $2, $3, $4, 1, 500, 'EUR', $5)`,
    [attemptId, id, userId, skuNo, attempt],
  )
  return attemptId
}

/** Whether the shopper may cancel, if the hold was not loaded as overdue. */
function mayCancel(reservation: Reservation & { readonly userId: string }, decideWith: typeof decide): boolean {
  const none = new Map()
  const state = { skus: new Map([[sku.skuNo, sale]]), overdue: none, waiting: none, holdings: none }
  const command = { kind: "cancel", reservationId: reservation.id, userId: reservation.userId } as const
  const { refused } = decideWith(command, { ...state, decided: new Map([[reservation.id, reservation]]) }, now)
  return refused === undefined
}

const sameVerdicts = (isHeld = isHeldAt, decideWith = decide) =>
  fc.asyncProperty(anyCase, async (generated) => {
    const reservation = reservationOf(generated)
    const ofDatabase = await databaseVerdict(generated, reservation)
    expect(pureVerdict(generated, reservation, isHeld)).toEqual(ofDatabase)
    expect(mayCancel(reservation, decideWith)).toBe(generated.state === "RESERVED" && !ofDatabase.overdue)
  })

const runs = { numRuns: 300, endOnFailure: true }
const timeoutMs = 60_000

test(
  "PL/pgSQL and TypeScript agree about the end of a hold and about its confirmation",
  () => fc.assert(sameVerdicts(), runs),
  timeoutMs,
)

describe("a difference of one microsecond is found", () => {
  test(
    "in the TypeScript of the checkout",
    async () => {
      const includesItsEnd: typeof isHeldAt = (reservation, at) => isHeldAt(reservation, at - 1)
      await expect(fc.assert(sameVerdicts(includesItsEnd), runs)).rejects.toThrow()
    },
    timeoutMs,
  )

  test(
    "in the TypeScript of a cancel",
    async () => {
      const cancelsAtItsEnd: typeof decide = (command, state, at) => decide(command, state, at - 1)
      await expect(fc.assert(sameVerdicts(isHeldAt, cancelsAtItsEnd), runs)).rejects.toThrow()
    },
    timeoutMs,
  )

  test(
    "in the PL/pgSQL of the confirmation",
    async () => {
      const { rows } = await given.superuser.query<{ body: string }>(
        "SELECT pg_get_functiondef(oid) AS body FROM pg_proc WHERE proname = 'confirm_checkout'",
      )
      const body = rows[0]?.body ?? ""
      const planted = body.replace("expires_at <= v_now", "expires_at < v_now")
      expect(planted).not.toBe(body)
      await given.superuser.query(planted)
      try {
        await expect(fc.assert(sameVerdicts(), runs)).rejects.toThrow()
      } finally {
        await given.superuser.query(body)
      }
    },
    timeoutMs,
  )
})
