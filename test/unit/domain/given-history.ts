import fc from "fast-check"
import { expect } from "vitest"
import type { decide, SaleCommand } from "../../../core/domain/decide.ts"
import { MemorySale } from "./memory-sale.ts"
import { type ModelCommand, type ModelRequest, type ModelSale, modelMoney, ReferenceSale } from "./reference-model.ts"

const skuNo = 1
const microsecondsPerSecond = 1_000_000
const start = 1_000 * microsecondsPerSecond
const mostIds = 30
const users = ["a", "b", "c", "d", "e", "f"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`)
const userOf = (n: number) => users[n] ?? `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most })

/** Sales whose holds, opening and closing overlap in time. */
export const anySale: fc.Arbitrary<ModelSale> = fc
  .record({
    total: fc.integer({ min: 0, max: 8 }),
    perUserLimit: fc.integer({ min: 1, max: 5 }),
    waitlistLimit: fc.integer({ min: 0, max: 6 }),
    maxUnpaidHolds: fc.constantFrom(1, 2, 3, 1_000),
    holdSeconds: seconds(1, 6),
    status: fc.constantFrom("draft" as const, "open" as const),
    opens: fc.option(seconds(0, 5), { nil: undefined }),
    closes: fc.option(seconds(0, 20), { nil: undefined }),
  })
  .map(({ opens, closes, ...sale }) => ({
    ...sale,
    ...(opens !== undefined && { opensAt: start + opens * microsecondsPerSecond }),
    ...(closes !== undefined && { closesAt: start + closes * microsecondsPerSecond }),
  }))

const id = fc.nat(mostIds)
const request = fc.record({
  id,
  user: fc.nat(users.length - 1),
  quantity: fc.integer({ min: -1, max: 4 }),
  joinWaitlist: fc.boolean(),
})
type Asked = Omit<ModelRequest, "id" | "userId"> & { readonly id: number; readonly user: number }

/** A command whose ids are numbers: `id` is a request's, and the order that it may become has the same number. */
export type Act =
  | { readonly kind: "allocate"; readonly requests: readonly Asked[] }
  | { readonly kind: "cancel" | "confirm" | "paid" | "payment_failed" | "refund-fails"; readonly id: number }
  | { readonly kind: "refund"; readonly id: number; readonly isPart: boolean; readonly returnUnit: boolean }
  | Exclude<ModelCommand, { kind: "allocate" | "cancel" | "confirm" | "paid" | "revoke" | "refund" | "refund-fails" }>

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("allocate" as const), requests: fc.array(request, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("cancel" as const, "confirm" as const), id }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("paid" as const, "payment_failed" as const, "refund-fails" as const), id }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("refund" as const), id, isPart: fc.boolean(), returnUnit: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("restock" as const), quantity: fc.integer({ min: -4, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("expire" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("extend" as const), seconds: seconds(1, 5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("open" as const, "resume" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("halt" as const), freeze: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("switch" as const), mode: fc.constantFrom("batch" as const, "direct" as const) }),
  },
)

/**
 * The moment of an act: a microsecond before, at or after a deadline, or some time after the previous act.
 */
const moment = fc.oneof(
  { weight: 3, arbitrary: fc.record({ later: fc.integer({ min: 0, max: 3 * microsecondsPerSecond }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      around: fc.constantFrom("opening" as const, "closing" as const, "end" as const),
      by: fc.integer({ min: -1, max: 1 }),
    }),
  },
)
type Moment = { readonly later: number } | { readonly around: "opening" | "closing" | "end"; readonly by: number }

/**
 * Many requests for one unit and some that wait for more: units come back one by one, and other requests ask for them. Sales are
 * small, so that an entry is passed often.
 */
export const anyCrowd = (most: number) => {
  const small = fc.record({
    id: fc.nat(300),
    user: fc.nat(1_000),
    quantity: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: most }) }),
    joinWaitlist: fc.boolean(),
  })
  const crowd: fc.Arbitrary<Act> = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant("allocate" as const),
        requests: fc.array(small, { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("cancel" as const), id: fc.nat(300) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("restock" as const), quantity: fc.integer({ min: -2, max: 2 }) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("expire" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom("confirm" as const, "payment_failed" as const), id: fc.nat(300) }),
    },
  )
  return fc.array(fc.record({ act: crowd, moment }), { minLength: 30, maxLength: 40, size: "max" })
}

/** Acts on a sale, and their moments. */
export const anyHistory = fc.array(fc.record({ act, moment }), { minLength: 1, maxLength: 40 })
export type History = readonly { readonly act: Act; readonly moment: Moment }[]

const idOf = (n: number) => `a0000000-0000-4000-8000-${String(n).padStart(12, "0")}`
const orderOf = (n: number) => `o${n}`

/** Plays a history on the core and on the reference model; after each act both must give the same result. */
export function playHistory(
  sale: ModelSale,
  history: History,
  decideWith?: typeof decide,
  model = new ReferenceSale(sale),
): MemorySale {
  const core = givenCore(sale, decideWith)
  for (const { command, now } of timed(sale, history, () => nextEndOf(core))) {
    core.now = now
    const wanted = model.run(command, now)
    const came = carryOut(core, command)
    expect(came).toEqual({ outcomes: wanted.outcomes ?? [], refused: wanted.refused })
    expectSame(core, model)
  }
  return core
}

/**
 * Plays a history on a core whose loads see the sale some microseconds before the clock is read, as PostgreSQL's statements do:
 * a deadline that passes in between is not in the loaded data. The model has no such moments. Here no command may throw, and all
 * counters must be right.
 */
export function playWithLag(sale: ModelSale, history: History, lagMicros: number, decideWith?: typeof decide): void {
  const core = givenCore(sale, decideWith)
  core.lagMicros = lagMicros
  for (const { command, now } of timed(sale, history, () => nextEndOf(core))) {
    core.now = now
    carryOut(core, command)
    expectSound(core)
  }
}

function givenCore(sale: ModelSale, decideWith?: typeof decide): MemorySale {
  const core = new MemorySale(decideWith)
  core.addSku({ skuNo, ...sale })
  core.now = start
  return core
}

/** The commands of a history with their moments; the same id is always the same request. */
function* timed(sale: ModelSale, history: History, nextEnd: () => number | undefined) {
  const asked = new Map<number, ModelRequest>()
  let now = start
  for (const { act: next, moment: at } of history) {
    now = momentOf(at, sale, nextEnd(), now)
    yield { command: modelCommandOf(next, asked), now }
  }
}

function carryOut(core: MemorySale, command: ModelCommand) {
  if (command.kind === "confirm") {
    return { outcomes: [], refused: core.confirm(command.id, command.orderId) ? undefined : "not-confirmable" }
  }
  if (command.kind === "extend") {
    core.extend(skuNo, command.seconds)
    return { outcomes: [], refused: undefined }
  }
  const { answers, refused } = core.applyCommand(coreCommandOf(command, core), skuNo)
  return { outcomes: answers.map(({ reservation }) => reservation.outcome), refused }
}

function nextEndOf(core: MemorySale): number | undefined {
  const ends = [...core.reservations.values()].flatMap(({ state, expiresAt }) => (state === "RESERVED" ? [expiresAt ?? 0] : []))
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** Time never goes back: an act at a moment in the past happens now. */
function momentOf(at: Moment, { opensAt, closesAt }: ModelSale, nextEnd: number | undefined, now: number): number {
  if ("later" in at) return now + at.later
  const due = { opening: opensAt, closing: closesAt, end: nextEnd }[at.around]
  return Math.max(now, (due ?? now) + at.by)
}

/** The id determines the user and the quantity: the same id is always the same request. */
function modelCommandOf(next: Act, asked: Map<number, ModelRequest>): ModelCommand {
  switch (next.kind) {
    case "allocate":
      return { kind: "allocate", requests: next.requests.map((request) => requestOf(request, asked)) }
    case "cancel":
      return { kind: "cancel", id: idOf(next.id), userId: asked.get(next.id)?.userId ?? users[0] ?? "" }
    case "confirm":
      return { kind: "confirm", id: idOf(next.id), orderId: orderOf(next.id) }
    case "paid":
      return { kind: "paid", orderIds: [orderOf(next.id), orderOf(next.id + 1)] }
    case "payment_failed":
      return { kind: "revoke", orderId: orderOf(next.id), as: next.kind }
    case "refund":
      return { kind: "refund", orderId: orderOf(next.id), isPart: next.isPart, returnUnit: next.returnUnit }
    case "refund-fails":
      return { kind: "refund-fails", orderId: orderOf(next.id) }
    default:
      return next
  }
}

function requestOf({ id: number, user, quantity, joinWaitlist }: Asked, asked: Map<number, ModelRequest>): ModelRequest {
  const known = asked.get(number) ?? { id: idOf(number), userId: userOf(user), quantity, joinWaitlist }
  asked.set(number, known)
  return known
}

type Decided = Exclude<ModelCommand, { kind: "confirm" | "extend" }>

/** A refund is on record before its outcome is decided, as in the database. */
function refundCommandOf({ orderId, isPart, returnUnit }: Extract<Decided, { kind: "refund" }>, core: MemorySale): SaleCommand {
  const order = core.orders.get(orderId)
  const refundId = `${orderId}-${core.refunds.size}`
  const left = (order?.amountMinor ?? 0) - (order?.refundedMinor ?? 0)
  const amountMinor = isPart ? Math.min(modelMoney.part, left) : left
  if (amountMinor > 0) core.refunds.set(refundId, { refundId, orderId, amountMinor, state: "REQUESTED", returnUnit })
  return { kind: "refund", orderId, refundId, as: "succeeded" }
}

function failureCommandOf(orderId: string, core: MemorySale): SaleCommand {
  const last = [...core.refunds.values()].findLast((refund) => refund.orderId === orderId && refund.state === "SUCCEEDED")
  return { kind: "refund", orderId, refundId: last?.refundId ?? "none", as: "failed", failureCode: "lost_or_stolen_card" }
}

function coreCommandOf(command: Decided, core: MemorySale): SaleCommand {
  const offset = core.reservations.size
  switch (command.kind) {
    case "allocate":
      return {
        kind: "allocate",
        requests: command.requests.map((request, index) => ({ ...request, skuNo, bodyHash: 1, offset: offset + index })),
      }
    case "cancel":
      return { kind: "cancel", reservationId: command.id, userId: command.userId }
    case "paid":
    case "revoke":
      return command
    case "refund":
      return refundCommandOf(command, core)
    case "refund-fails":
      return failureCommandOf(command.orderId, core)
    default:
      return { ...command, skuNo } as const
  }
}

function expectSame(core: MemorySale, model: ReferenceSale): void {
  expectSound(core)
  const { balances, mode, frozen } = core.sku(skuNo)
  expect([...core.reservations.values()].map(({ id: of, state }) => [of, state])).toEqual(
    model.entries.map(({ id: of, state }) => [of, state]),
  )
  expect(core.waitlist.map(({ passed }) => passed)).toEqual(model.waiting.map(({ passed }) => passed))
  expect([...core.orders.values()].map(({ status, refundedMinor }) => [status, refundedMinor])).toEqual(
    model.orders.map(({ status, refunds }) => [status, refunds.reduce((sum, amount) => sum + amount, 0)]),
  )
  expect({ mode, frozen, total: balances.total }).toEqual({ mode: model.mode, frozen: model.frozen, total: model.total })
}

/**
 * The invariants of a single moment: the counters, the waitlist and the holdings agree with the reservations.
 */
function expectSound(core: MemorySale): void {
  const rows = [...core.reservations.values()]
  const unitsIn =
    (...states: string[]) =>
    (of?: string) =>
      rows.reduce((sum, row) => (states.includes(row.state) && (of ?? row.userId) === row.userId ? sum + row.quantity : sum), 0)
  const returned = new Set(core.ledger.flatMap(({ entry }) => (entry.kind === "refunded" ? entry.moved : [])))
  const takenBack = [...core.orders.values()].filter(
    ({ status, reservationId }) => status === "FAILED" || (status === "REFUNDED" && returned.has(reservationId)),
  )
  const { balances } = core.sku(skuNo)
  const waiting = rows.filter(({ state }) => state === "WAITLISTED").map(({ id: of }) => of)
  expect(balances).toEqual({
    total: balances.total,
    reserved: unitsIn("RESERVED")(),
    sold: unitsIn("CONFIRMED")() - takenBack.reduce((sum, { quantity }) => sum + quantity, 0),
    waitlisted: waiting.length,
  })
  expect(balances.reserved + balances.sold).toBeLessThanOrEqual(balances.total)
  expect(core.waitlist.map(({ id: of }) => of)).toEqual(waiting)
  const held = unitsIn("RESERVED", "WAITLISTED", "CONFIRMED")
  for (const [userId, units] of core.holdings.get(skuNo) ?? []) expect(units).toBe(held(userId))
}
