import { type ModeCommand, modeChange } from "./modes.ts"
import type { Instant, Reservation, ReservationRequest } from "./reservation.ts"
import { type Holding, type OrderFacts, type OrderStatus, type SaleState, type SkuSale, saleStatusAt } from "./sale.ts"
import { SkuAllocation, type SkuChanges } from "./sku-allocation.ts"

/** What is asked of the sales at hand; what is due by time happens with every command, before it. */
export type SaleCommand =
  | { readonly kind: "allocate"; readonly requests: readonly ReservationRequest[] }
  | { readonly kind: "expire" }
  | { readonly kind: "cancel"; readonly reservationId: string; readonly userId: string }
  | { readonly kind: "restock"; readonly skuNo: number; readonly quantity: number }
  | { readonly kind: "paid"; readonly orderIds: readonly string[] }
  | { readonly kind: "revoke"; readonly orderId: string; readonly as: "payment_failed" | "refunded" }
  | { readonly kind: "open" | "close"; readonly skuNo: number }
  | ModeCommand

/** The answer to one request: a new decision, or the one that stands. `conflict`: the same id was asked for something else before. */
export interface Decision {
  readonly request: ReservationRequest
  readonly reservation: Reservation
  readonly repeated?: "duplicate" | "conflict"
}

/** Why a command was not carried out. */
export type Refusal = "below-committed" | "sale-closed" | "not-cancellable" | "not-payable"

/** What a command comes to. */
export interface Allocation {
  readonly answers: readonly Decision[]
  readonly changes: readonly SkuChanges[]
  /** Orders that the command moved, and their new status. */
  readonly orders?: { readonly ids: readonly string[]; readonly status: OrderStatus }
  /** An ordinary "no" to a command; nothing but what was due happened. */
  readonly refused?: Refusal
}

/**
 * Decides a command against the sales it concerns: overdue holds end, the command's own change is made, released units go to those
 * who wait, and only then are new requests decided, in offset order, first come, first served. Nothing is decided twice.
 *
 * Pure: `now` is PostgreSQL's clock after the locks; the caller commits the changes in the transaction that loaded the state.
 */
export function decide(command: SaleCommand, state: SaleState, now: Instant): Allocation {
  const books = new Map(
    [...state.skus].map(([skuNo, sale]) => [skuNo, new SkuAllocation(sale, state.holdings.get(skuNo) ?? noHoldings, now)]),
  )
  for (const [skuNo, book] of books) book.expire(state.overdue.get(skuNo) ?? [])
  const refused = execute(command, state, books, now)
  for (const [skuNo, book] of books) book.serve(state.waiting.get(skuNo) ?? [])
  const answers = command.kind === "allocate" ? allocate(command.requests, state, books) : []
  const changes = [...books.values()].map((book) => book.close())
  const orders = refused === undefined ? ordersAfter(command, state) : undefined
  return { answers, changes, ...(orders && { orders }), ...(refused && { refused }) }
}

const noHoldings: ReadonlyMap<string, Holding> = new Map()

function allocate(
  requests: readonly ReservationRequest[],
  state: SaleState,
  books: ReadonlyMap<number, SkuAllocation>,
): Decision[] {
  const decided = new Map(state.decided)
  return requests.map((request) => {
    const book = bookOf(books, request.skuNo)
    const known = decided.get(request.id)
    if (known) {
      const repeated = known.bodyHash === request.bodyHash ? "duplicate" : "conflict"
      book.count(repeated === "duplicate" ? "duplicates" : "conflicts")
      return { request, reservation: known, repeated }
    }
    const reservation = book.decide(request)
    decided.set(request.id, reservation)
    return { request, reservation }
  })
}

function execute(
  command: SaleCommand,
  state: SaleState,
  books: ReadonlyMap<number, SkuAllocation>,
  now: Instant,
): Refusal | undefined {
  switch (command.kind) {
    case "allocate":
    case "expire":
      return undefined
    case "cancel":
      return cancel(command.reservationId, command.userId, state, books, now)
    case "restock": {
      const book = bookOf(books, command.skuNo)
      if (book.available + command.quantity < 0) return "below-committed"
      book.restock(command.quantity)
      return undefined
    }
    case "paid":
    case "revoke":
      return pay(command, state, books)
    case "open":
    case "close":
      return change(command.kind, command.skuNo, state, books, now)
    default: {
      const changed = modeChange(command, saleOf(state, command.skuNo))
      if (changed) bookOf(books, command.skuNo).change(changed.kind, changed.change)
      return undefined
    }
  }
}

type Payment = Extract<SaleCommand, { kind: "paid" | "revoke" }>

/** An order is PENDING_CAPTURE -> PAID | FAILED, PAID -> REFUNDED; a second report of the same changes nothing. */
function pay(command: Payment, state: SaleState, books: ReadonlyMap<number, SkuAllocation>): Refusal | undefined {
  const payable = payableOrders(command, state)
  if (payable.length === 0) return "not-payable"
  for (const [skuNo, orders] of Map.groupBy(payable, (order) => order.skuNo)) {
    const book = bookOf(books, skuNo)
    if (command.kind === "paid") book.applyCommand(orders)
    else for (const order of orders) book.revoke(order, command.as)
  }
  return undefined
}

/** The orders a payment command names that are in the status it moves them from. */
function payableOrders(command: Payment, { orders }: SaleState): OrderFacts[] {
  const from = command.kind === "revoke" && command.as === "refunded" ? "PAID" : "PENDING_CAPTURE"
  const named = new Set(command.kind === "paid" ? command.orderIds : [command.orderId])
  return [...named].flatMap((id) => {
    const order = orders?.get(id)
    return order?.status === from ? [order] : []
  })
}

function ordersAfter(command: SaleCommand, state: SaleState): Allocation["orders"] {
  if (command.kind !== "paid" && command.kind !== "revoke") return undefined
  const ids = payableOrders(command, state).map(({ orderId }) => orderId)
  if (command.kind === "paid") return { ids, status: "PAID" }
  return { ids, status: command.as === "refunded" ? "REFUNDED" : "FAILED" }
}

function cancel(
  id: string,
  userId: string,
  state: SaleState,
  books: ReadonlyMap<number, SkuAllocation>,
  now: Instant,
): Refusal | undefined {
  const reservation = state.decided.get(id)
  if (reservation?.userId !== userId) return "not-cancellable"
  const held = reservation.state === "RESERVED" && (reservation.expiresAt ?? 0) > now
  if (!held && reservation.state !== "WAITLISTED") return "not-cancellable"
  bookOf(books, reservation.skuNo).cancel({ ...reservation, userId })
  return undefined
}

/** Repeating a change that is already in force changes nothing, so that an operator may always press the button again. */
function change(
  kind: "open" | "close",
  skuNo: number,
  state: SaleState,
  books: ReadonlyMap<number, SkuAllocation>,
  now: Instant,
): Refusal | undefined {
  const sale = saleOf(state, skuNo)
  const book = bookOf(books, skuNo)
  const status = saleStatusAt(sale, now)
  if (kind === "open" && status === "closed") return "sale-closed"
  if (kind === "open" && sale.status === "draft") {
    book.change("opened", { status: "open", opensAt: Math.min(sale.opensAt ?? now, now) })
  }
  if (kind === "close" && sale.status !== "closed") book.change("closed", { status: "closed" })
  return undefined
}

function saleOf({ skus }: SaleState, skuNo: number): SkuSale {
  const sale = skus.get(skuNo)
  if (sale === undefined) throw new Error(`SKU ${skuNo} was not loaded`)
  return sale
}

function bookOf(books: ReadonlyMap<number, SkuAllocation>, skuNo: number): SkuAllocation {
  const book = books.get(skuNo)
  if (book === undefined) throw new Error(`SKU ${skuNo} was not loaded`)
  return book
}
