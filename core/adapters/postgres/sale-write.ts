import type { QueryResult } from "pg"
import type { Allocation } from "../../domain/decide.ts"
import { type Instant, stateCodes } from "../../domain/reservation.ts"
import type { SkuChanges, Transition } from "../../domain/sku-changes.ts"
import { int2Array, int4Array, uuidArray } from "./binary-arrays.ts"
import type { Row, Send } from "./sale-load.ts"

/** The second flush, but for the decisions of requests (batch-write.ts): nothing is sent for what did not change. */
export function sendChanges(send: Send, allocation: Allocation, now: Instant): Promise<QueryResult<Row>>[] {
  return [
    ...allocation.changes.flatMap((changes) => [
      ...groupTransitions(changes.transitions).map((group) => sendTransitions(send, group)),
      ...sendHoldings(send, changes),
      ...sendWaitlist(send, changes),
      ...sendLedger(send, changes, now),
      ...sendSale(send, changes),
    ]),
    ...(allocation.orders ? [send("changeOrders", [uuidArray(allocation.orders.ids), allocation.orders.status])] : []),
  ]
}

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
  return send("changeStates", [
    uuidArray(group.map(({ id }) => id)),
    first && stateCodes[first.from],
    first && stateCodes[first.to],
    first?.expiresAt ?? null,
  ])
}

/** Adds to the units of users who have a row, or takes from them; the first units of a user come with a decision. */
function sendHoldings(send: Send, { skuNo, holdings, newHolders }: SkuChanges) {
  const known = [...holdings].filter(([userId, units]) => units !== 0 && !newHolders.has(userId))
  return ifAny(known, () =>
    send("adjustHoldings", [
      int4Array(known.map(() => skuNo)),
      uuidArray(known.map(([userId]) => userId)),
      int4Array(known.map(([, units]) => units)),
    ]),
  )
}

const sendWaitlist = (send: Send, { skuNo, left, promoted, balances }: SkuChanges) => [
  ...ifAny(left, () => send("leaveWaitlist", [uuidArray(left.map(({ id }) => id))])),
  // Whoever is left may have been passed, also those who were not loaded.
  ...ifAny(balances.waitlisted > 0 ? promoted : [], () =>
    send("passWaiters", [skuNo, int4Array(promoted.map(({ seq }) => seq)), int2Array(promoted.map(({ ord }) => ord))]),
  ),
]

const sendLedger = (send: Send, { skuNo, entries }: SkuChanges, now: Instant) =>
  entries
    .filter(({ kind }) => kind !== "decided")
    .map((entry) =>
      send("appendLedger", [
        skuNo,
        entry.seq,
        entry.kind,
        now,
        entry.totalDelta,
        entry.reservedDelta,
        entry.soldDelta,
        entry.waitlistedDelta,
        uuidArray(entry.moved),
        entry.amount,
      ]),
    )

const sendSale = (send: Send, { skuNo, sale }: SkuChanges) =>
  sale ? [send("changeSale", [skuNo, sale.status ?? null, sale.mode ?? null, sale.opensAt ?? null, sale.frozen ?? null])] : []

const ifAny = <T>(items: readonly unknown[], make: () => T): T[] => (items.length === 0 ? [] : [make()])
