import type { QueryResult } from "pg"
import type { Allocation } from "../../domain/decide.ts"
import { type Instant, outcomeCodes, stateCodes } from "../../domain/reservation.ts"
import type { SkuChanges, Transition } from "../../domain/sku-book.ts"
import { instantArray, int4Array, uuidArray } from "./binary-arrays.ts"
import type { Row, Send } from "./sale-load.ts"

/** The second flush: everything the allocation changed, in the order of the locks; nothing is sent for what did not change. */
export function sendChanges(send: Send, allocation: Allocation, now: Instant): Promise<QueryResult<Row>>[] {
  return [
    ...allocation.changes.flatMap((changes) => [
      ...sendDecisions(send, changes),
      ...groupTransitions(changes.transitions).map((group) => sendTransitions(send, group)),
      ...sendHoldings(send, changes),
      ...sendWaitlist(send, changes),
      ...sendLedger(send, changes, now),
      ...sendTally(send, changes),
      ...sendSale(send, changes),
    ]),
    ...(allocation.order ? [send("changeOrder", [allocation.order.orderId, allocation.order.status])] : []),
  ]
}

function sendDecisions(send: Send, { decisions }: SkuChanges) {
  return ifAny(decisions, () =>
    send("insertReservations", [
      instantArray(decisions.map(({ expiresAt }) => expiresAt)),
      int4Array(decisions.map(({ skuNo }) => skuNo)),
      int4Array(decisions.map(({ seq }) => seq)),
      int4Array(decisions.map(({ ord }) => ord)),
      int4Array(decisions.map(({ outcome }) => outcomeCodes[outcome])),
      int4Array(decisions.map((decision) => stateCodes[decision.state])),
      int4Array(decisions.map(({ quantity }) => quantity)),
      uuidArray(decisions.map(({ id }) => id)),
      uuidArray(decisions.map(({ userId }) => userId)),
      int4Array(decisions.map(({ owner }) => owner)),
      int4Array(decisions.map(({ bodyHash }) => bodyHash)),
    ]),
  )
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

/** First units are inserted, further ones added: neither can overwrite what the database holds. */
function sendHoldings(send: Send, { skuNo, holdings, newHolders, perUserLimit }: SkuChanges) {
  const fresh = [...holdings].filter(([userId]) => newHolders.has(userId))
  const known = [...holdings].filter(([userId, units]) => units !== 0 && !newHolders.has(userId))
  return [
    ...ifAny(fresh, () =>
      send("insertHoldings", [
        int4Array(fresh.map(() => skuNo)),
        uuidArray(fresh.map(([userId]) => userId)),
        int4Array(fresh.map(([, units]) => units)),
        int4Array(fresh.map(() => perUserLimit)),
      ]),
    ),
    ...ifAny(known, () =>
      send("adjustHoldings", [
        int4Array(known.map(() => skuNo)),
        uuidArray(known.map(([userId]) => userId)),
        int4Array(known.map(([, units]) => units)),
      ]),
    ),
  ]
}

function sendWaitlist(send: Send, { skuNo, joined, left }: SkuChanges) {
  return [
    ...ifAny(left, () => send("leaveWaitlist", [uuidArray(left.map(({ id }) => id))])),
    ...ifAny(joined, () =>
      send("joinWaitlist", [
        int4Array(joined.map(() => skuNo)),
        int4Array(joined.map(({ seq }) => seq)),
        int4Array(joined.map(({ ord }) => ord)),
        uuidArray(joined.map(({ id }) => id)),
        uuidArray(joined.map(({ userId }) => userId)),
        int4Array(joined.map(({ quantity }) => quantity)),
      ]),
    ),
  ]
}

const sendLedger = (send: Send, { skuNo, entries }: SkuChanges, now: Instant) =>
  entries.map((entry) =>
    send("appendLedger", [
      skuNo,
      entry.seq,
      entry.kind,
      now,
      entry.firstOffset ?? null,
      entry.lastOffset ?? null,
      entry.totalDelta,
      entry.reservedDelta,
      entry.soldDelta,
      entry.waitlistedDelta,
      entry.digest ?? null,
      int4Array(entry.refused),
      uuidArray(entry.moved),
      entry.amount,
    ]),
  )

const tallied = [
  "reserved",
  "waitlisted",
  "sold-out",
  "user-limit-reached",
  "sale-not-open",
  "sale-closed",
  "invalid",
  "duplicates",
  "conflicts",
] as const

const sendTally = (send: Send, { skuNo, tally }: SkuChanges) =>
  ifAny(Object.keys(tally), () => send("countDecisions", [skuNo, ...tallied.map((reason) => tally[reason] ?? 0)]))

const sendSale = (send: Send, { skuNo, sale }: SkuChanges) =>
  sale ? [send("changeSale", [skuNo, sale.status ?? null, sale.mode ?? null, sale.opensAt ?? null])] : []

const ifAny = <T>(items: readonly unknown[], make: () => T): T[] => (items.length === 0 ? [] : [make()])
