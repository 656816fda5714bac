import { type ModeCommand, modeChange } from "./modes.ts"
import { type RefundChange, type RefundOutcome, settleRefund } from "./refunds.ts"
import { type Instant, isHeldAt, type Reservation, type ReservationRequest } from "./reservation.ts"
import { type Holding, type OrderFacts, type OrderStatus, type SaleState, type SkuSale, saleStatusAt } from "./sale.ts"
import { SkuAllocation } from "./sku-allocation.ts"
import type { SkuChanges } from "./sku-changes.ts"

/** A command on the sales of one transaction. What is due by time happens with every command, before it. */
export type SaleCommand =
  | { readonly kind: "allocate"; readonly requests: readonly ReservationRequest[] }
  | { readonly kind: "expire" }
  | { readonly kind: "cancel"; readonly reservationId: string; readonly userId: string }
  | { readonly kind: "restock"; readonly skuNo: number; readonly quantity: number }
  | { readonly kind: "paid"; readonly orderIds: readonly string[] }
  | { readonly kind: "revoke"; readonly orderId: string; readonly as: "payment_failed" }
  | ({ readonly kind: "refund"; readonly orderId: string; readonly refundId: string } & RefundOutcome)
  | { readonly kind: "open" | "close"; readonly skuNo: number }
  | ModeCommand

/**
 * The answer to one request: a new decision, or the earlier one. `conflict`: an earlier request with this id asked for something
 * else.
 */
export interface Decision {
  readonly request: ReservationRequest
  readonly reservation: Reservation
  readonly repeated?: "duplicate" | "conflict"
}

/** Why a command was not carried out. */
export type Refusal = "below-committed" | "sale-closed" | "not-cancellable" | "not-payable" | "not-refundable"

/** The result of a command. */
export interface Allocation {
  readonly answers: readonly Decision[]
  readonly changes: readonly SkuChanges[]
  /** Orders that the command moved, and their new status. */
  readonly orders?: { readonly ids: readonly string[]; readonly status: OrderStatus }
  /** The refund that the command settled. */
  readonly refund?: RefundChange
  /** The command was refused; only what was due by time happened. */
  readonly refused?: Refusal
}

/**
 * Decides a command against the sales it concerns: overdue holds end, the command's own change is made, released units go to the
 * waitlist, and only then are new requests decided, in offset order, first come, first served. No id is decided twice.
 *
 * Pure: `now` is PostgreSQL's clock after the locks. The caller commits the changes in the transaction that loaded the state.
 *
 * @throws Error for a SKU that was not loaded
 */
export function decide(command: SaleCommand, state: SaleState, now: Instant): Allocation {
  const skus = new Map(
    [...state.skus].map(([skuNo, sale]) => [skuNo, new SkuAllocation(sale, state.holdings.get(skuNo) ?? noHoldings, now)]),
  )
  for (const [skuNo, sku] of skus) sku.expire(state.overdue.get(skuNo) ?? [])
  const refused = execute(command, state, skus, now)
  for (const [skuNo, sku] of skus) sku.serve(state.waiting.get(skuNo) ?? [])
  const answers = command.kind === "allocate" ? allocate(command.requests, state, skus) : []
  const changes = [...skus.values()].map((sku) => sku.close())
  const orders = refused === undefined ? ordersAfter(command, state) : undefined
  const refund = refundChange(command, state)
  return { answers, changes, ...(orders && { orders }), ...(refund && { refund }), ...(refused && { refused }) }
}

const noHoldings: ReadonlyMap<string, Holding> = new Map()

type Allocations = ReadonlyMap<number, SkuAllocation>

function allocate(requests: readonly ReservationRequest[], state: SaleState, skus: Allocations): Decision[] {
  const decided = new Map(state.decided)
  return requests.map((request) => {
    const sku = loaded(skus, request.skuNo)
    const known = decided.get(request.id)
    if (known) {
      const repeated = known.bodyHash === request.bodyHash ? "duplicate" : "conflict"
      sku.count(repeated === "duplicate" ? "duplicates" : "conflicts")
      return { request, reservation: known, repeated }
    }
    const reservation = sku.decide(request)
    decided.set(request.id, reservation)
    return { request, reservation }
  })
}

function execute(command: SaleCommand, state: SaleState, skus: Allocations, now: Instant): Refusal | undefined {
  switch (command.kind) {
    case "allocate":
    case "expire":
      return undefined
    case "cancel":
      return cancel(command.reservationId, command.userId, state, skus, now)
    case "restock":
      return restock(command.quantity, loaded(skus, command.skuNo))
    case "paid":
    case "revoke":
      return pay(command, state, skus)
    case "refund":
      return refund(command, state, skus)
    case "open":
      return open(loaded(state.skus, command.skuNo), loaded(skus, command.skuNo), now)
    case "close":
      return close(loaded(state.skus, command.skuNo), loaded(skus, command.skuNo))
    case "halt":
    case "resume":
    case "switch":
      return changeMode(command, loaded(state.skus, command.skuNo), loaded(skus, command.skuNo))
    default: {
      const unknown: never = command
      throw new Error(`There is no command ${JSON.stringify(unknown)}`)
    }
  }
}

type Payment = Extract<SaleCommand, { kind: "paid" | "revoke" }>

/** An order is PENDING_CAPTURE -> PAID | FAILED; a second report of the same changes nothing. */
function pay(command: Payment, state: SaleState, skus: Allocations): Refusal | undefined {
  const payable = payableOrders(command, state)
  if (payable.length === 0) return "not-payable"
  for (const [skuNo, orders] of Map.groupBy(payable, (order) => order.skuNo)) {
    const sku = loaded(skus, skuNo)
    if (command.kind === "paid") sku.enterPaid(orders)
    else for (const order of orders) sku.revoke(order, command.as)
  }
  return undefined
}

/** The orders of a payment command that are in the status from which it moves them. */
function payableOrders(command: Payment, { orders }: SaleState): OrderFacts[] {
  const named = new Set(command.kind === "paid" ? command.orderIds : [command.orderId])
  return [...named].flatMap((id) => {
    const order = orders?.get(id)
    return order?.status === "PENDING_CAPTURE" ? [order] : []
  })
}

function ordersAfter(command: SaleCommand, state: SaleState): Allocation["orders"] {
  if (command.kind === "refund") {
    const kind = refundChange(command, state)?.kind
    return kind === "refunded" || kind === "refunded_kept" ? { ids: [command.orderId], status: "REFUNDED" } : undefined
  }
  if (command.kind !== "paid" && command.kind !== "revoke") return undefined
  const ids = payableOrders(command, state).map(({ orderId }) => orderId)
  return { ids, status: command.kind === "paid" ? "PAID" : "FAILED" }
}

type Refund = Extract<SaleCommand, { kind: "refund" }>

/** Enters what became of a refund. A second report of the same changes nothing. */
function refund(command: Refund, state: SaleState, skus: Allocations): Refusal | undefined {
  const change = refundChange(command, state)
  const order = state.orders?.get(command.orderId)
  if (change === undefined || order === undefined) return "not-refundable"
  if (change.kind !== undefined) loaded(skus, order.skuNo).enterRefund(order, change.kind, state.refund?.amountMinor ?? 0)
  return undefined
}

function refundChange(command: SaleCommand, { orders, refund: facts }: SaleState): RefundChange | undefined {
  if (command.kind !== "refund") return undefined
  const order = orders?.get(command.orderId)
  if (order === undefined || facts?.refundId !== command.refundId || facts.orderId !== command.orderId) return undefined
  return settleRefund(order, facts, command)
}

function cancel(id: string, userId: string, state: SaleState, skus: Allocations, now: Instant): Refusal | undefined {
  const reservation = state.decided.get(id)
  if (reservation?.userId !== userId) return "not-cancellable"
  if (!isHeldAt(reservation, now) && reservation.state !== "WAITLISTED") return "not-cancellable"
  loaded(skus, reservation.skuNo).cancel({ ...reservation, userId })
  return undefined
}

function restock(quantity: number, sku: SkuAllocation): Refusal | undefined {
  if (sku.available + quantity < 0) return "below-committed"
  sku.restock(quantity)
  return undefined
}

/** An operator may repeat a change that is in force: it changes nothing then. The same holds for `close` and `changeMode`. */
function open(sale: SkuSale, sku: SkuAllocation, now: Instant): Refusal | undefined {
  if (saleStatusAt(sale, now) === "closed") return "sale-closed"
  if (sale.status === "draft") sku.change("opened")
  return undefined
}

function close(sale: SkuSale, sku: SkuAllocation): undefined {
  if (sale.status !== "closed") sku.change("closed")
}

function changeMode(command: ModeCommand, sale: SkuSale, sku: SkuAllocation): undefined {
  const change = modeChange(command, sale)
  if (change !== undefined) sku.change(change)
}

/** @throws Error for a SKU that the transaction did not load */
function loaded<Value>(skus: ReadonlyMap<number, Value>, skuNo: number): Value {
  const sku = skus.get(skuNo)
  if (sku === undefined) throw new Error(`SKU ${skuNo} was not loaded`)
  return sku
}
