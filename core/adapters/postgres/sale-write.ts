import type { QueryResult } from "pg"
import type { Allocation } from "../../domain/decide.ts"
import type { RefundChange } from "../../domain/refunds.ts"
import { type Instant, stateCodes } from "../../domain/reservation.ts"
import type { SkuChanges, Transition } from "../../domain/sku-changes.ts"
import type { Row } from "./rows.ts"
import type { Send } from "./statements.ts"

/** The second flush, but for the decisions of requests (batch-write.ts): nothing is sent for what did not change. */
export function sendChanges(send: Send, allocation: Allocation, now: Instant): Promise<QueryResult<Row>>[] {
  return [
    ...allocation.changes.flatMap((changes) => [
      ...groupTransitions(changes.transitions).flatMap((group) => sendTransitions(send, group)),
      ...sendHoldings(send, changes),
      ...sendWaitlist(send, changes),
      ...sendLedger(send, changes, now),
      ...sendSale(send, changes),
    ]),
    ...(allocation.orders ? [send("changeOrders", { order_ids: allocation.orders.ids, status: allocation.orders.status })] : []),
    ...(allocation.refund ? [sendRefund(send, allocation.refund, now)] : []),
  ]
}

const sendRefund = (send: Send, { refundId, from, to, refundedMinor, kind, failureCode }: RefundChange, now: Instant) =>
  send("changeRefund", {
    refund_id: refundId,
    from_states: from,
    to_state: to,
    refunded_minor: refundedMinor,
    units_kept: kind === "refunded_kept",
    at: now,
    failure_code: failureCode,
  })

/** Transitions of one kind share a statement; those of one transaction that start a hold share its end. */
function groupTransitions(transitions: readonly Transition[]): Transition[][] {
  const groups = new Map<string, Transition[]>()
  for (const transition of transitions) {
    const key = `${transition.from}>${transition.to}`
    groups.set(key, [...(groups.get(key) ?? []), transition])
  }
  return [...groups.values()]
}

function sendTransitions(send: Send, group: readonly Transition[]) {
  const [first] = group
  if (first === undefined) return []
  return [
    send("changeStates", {
      ids: group.map(({ id }) => id),
      from_state: stateCodes[first.from],
      to_state: stateCodes[first.to],
      expires_at: first.expiresAt,
    }),
  ]
}

/** Adds to the units of users who have a row, or takes from them; the first units of a user come with a decision. */
function sendHoldings(send: Send, { skuNo, holdings, newHolders }: SkuChanges) {
  const known = [...holdings].filter(([userId, units]) => units !== 0 && !newHolders.has(userId))
  return ifAny(known, () =>
    send("adjustHoldings", {
      sku_nos: known.map(() => skuNo),
      user_ids: known.map(([userId]) => userId),
      units: known.map(([, units]) => units),
    }),
  )
}

const sendWaitlist = (send: Send, { skuNo, left, promoted, balances }: SkuChanges) => [
  ...ifAny(left, () => send("leaveWaitlist", { ids: left.map(({ id }) => id) })),
  // The entries that are left may have been passed, also those that were not loaded.
  ...ifAny(balances.waitlisted > 0 ? promoted : [], () =>
    send("passWaiters", { sku_no: skuNo, seqs: promoted.map(({ seq }) => seq), ords: promoted.map(({ ord }) => ord) }),
  ),
]

const sendLedger = (send: Send, { skuNo, entries }: SkuChanges, now: Instant) =>
  entries
    .filter(({ kind }) => kind !== "decided")
    .map((entry) =>
      send("appendLedger", {
        sku_no: skuNo,
        seq: entry.seq,
        kind: entry.kind,
        at: now,
        total_delta: entry.totalDelta,
        reserved_delta: entry.reservedDelta,
        sold_delta: entry.soldDelta,
        waitlisted_delta: entry.waitlistedDelta,
        moved: entry.moved,
        amount: entry.amount,
      }),
    )

const sendSale = (send: Send, { skuNo, sale }: SkuChanges) =>
  sale
    ? [
        send("changeSale", {
          sku_no: skuNo,
          status: sale.status,
          mode: sale.mode,
          opens_at: sale.opensAt,
          frozen: sale.frozen,
        }),
      ]
    : []

const ifAny = <T>(items: readonly unknown[], make: () => T): T[] => (items.length === 0 ? [] : [make()])
