import { setTimeout as delay } from "node:timers/promises"
import { codeOf, failureKind } from "../../adapters/failure-kind.ts"
import type { Scope } from "../../adapters/postgres/sale-load.ts"
import type { Committed, Plan } from "../../adapters/postgres/transaction.ts"
import { mayPassSoon } from "../../adapters/postgres/transaction-errors.ts"
import { span, wallClockMs } from "../../adapters/tracing/spans.ts"
import { backoffMs } from "../../concurrency/backoff.ts"
import { createConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import { OutcomeUnknown } from "../../domain/errors.ts"
import type { ReservationRequest } from "../../domain/reservation.ts"
import { type ReservationView, viewOf } from "../../domain/reservation-view.ts"
import { type SkuSale, saleStatusAt } from "../../domain/sale.ts"
import { type ApplyCommandDeps, isUnfinished, mayLeaveWaiters, reservationAfter } from "./apply-command.ts"
import { projectCommit } from "./project-commit.ts"

/** Tries after a lost race or a lost answer. They are few, because a shopper waits. */
const maxTries = 4
const firstBackoffMs = 50
const maxBackoffMs = 200
/**
 * Requests that one process decides, or that wait for a connection. More would not help: the lock of a SKU serves one at a time.
 */
const maxDirectAtOnce = 256

/**
 * The result of a request: its decision; a sale in another mode than this process knew; or a sale that has not opened. In the
 * last two cases nothing was written, and the key is still free.
 */
export type DirectResult =
  | { readonly kind: "decided"; readonly view: ReservationView }
  | { readonly kind: "switched"; readonly sale: SkuSale }
  | { readonly kind: "early" }

/**
 * Decides a request in a transaction of its own, as the writer decides a batch of one request: with the same locks, loads and
 * `decide`. A request that already has a decision, from any process, gets that decision.
 *
 * @param epoch the epoch in which the caller saw the sale in direct mode
 * @throws Overloaded when nothing was decided, OutcomeUnknown when it may have been; PostgreSQL's errors
 */
export type DecideDirectly = (request: TracedRequest, epoch: number) => Promise<DirectResult>

/** A request, and the trace that its decision is a part of. */
type TracedRequest = ReservationRequest & { readonly trace?: { readonly traceparent?: string } }

export function createDirectDecisions(deps: ApplyCommandDeps): DecideDirectly {
  const gate = createConcurrencyLimit(maxDirectAtOnce)

  return (request, epoch) =>
    gate(async () => {
      let sale: SkuSale | undefined
      let mayBeDecided = false
      for (let attempt = 1; ; attempt += 1) {
        try {
          const note = (loaded: SkuSale | undefined) => {
            sale = loaded
          }
          const view = await decideOnce(request, epoch, note)
          return view ? { kind: "decided", view } : { kind: "early" }
        } catch (error) {
          const kind = failureKind(error)
          if (kind === "mode" && sale) return { kind: "switched", sale }
          // Before the first load nothing was sent that could decide. After it, only another try shows the outcome: the same id
          // gets the same decision.
          mayBeDecided ||= kind === "unavailable" && sale !== undefined
          const canHelp = kind === "conflict" || mayBeDecided || mayPassSoon(codeOf(error))
          if (kind !== "bug" && canHelp && attempt < maxTries) await delay(backoffMs(attempt, firstBackoffMs, maxBackoffMs))
          else
            throw mayBeDecided && kind !== "bug"
              ? new OutcomeUnknown("A direct decision may have been committed", { cause: error })
              : error
        }
      }
    })

  /** @returns undefined for a request before the opening */
  async function decideOnce(
    { trace, ...request }: TracedRequest,
    epoch: number,
    note: (sale: SkuSale | undefined) => void,
  ): Promise<ReservationView | undefined> {
    for (let waitersServed = false; ; ) {
      let postponed = false
      let isEarly = false
      const startedMs = performance.now()
      const committed = await deps.transact(scopeOf(request), (loaded): Plan => {
        const sale = loaded.state.skus.get(request.skuNo)
        note(sale)
        const isDirect = sale?.mode === "direct" && sale.epoch === epoch
        // A request before the opening is not decided: the shopper reads that the sale is not open, and can use the key again.
        isEarly = isDirect && !loaded.state.decided.has(request.id) && saleStatusAt(sale, loaded.now) === "draft"
        if (isEarly) return { command: { kind: "expire" } }
        // A released unit goes to the waitlist before any new request, also when one transaction cannot serve the whole waitlist.
        postponed = !waitersServed && isDirect && mayLeaveWaiters(loaded)
        if (postponed) return { command: { kind: "expire" } }
        return { command: { kind: "allocate", requests: [request] }, directEpoch: epoch }
      })
      const committedMs = performance.now()
      await projectCommit(deps, committed)
      const about = { reservation_id: request.id }
      span(trace?.traceparent, "decide", wallClockMs(startedMs), wallClockMs(committedMs), about)
      span(trace?.traceparent, "show in Redis", wallClockMs(committedMs), wallClockMs(), about)
      if (isEarly) return undefined
      if (!postponed) return seenOf(request.id, committed)
      waitersServed = !isUnfinished(committed)
    }
  }
}

const scopeOf = ({ id, skuNo, userId }: ReservationRequest): Scope => ({
  skuNos: [skuNo],
  ids: [id],
  holders: [{ skuNo, userId }],
})

function seenOf(id: string, committed: Committed): ReservationView {
  const { allocation, loaded } = committed
  const reservation = reservationAfter(committed, id) ?? allocation.answers[0]?.reservation
  if (reservation === undefined) throw new Error(`Request ${id} was not decided`)
  const { state, userId, expiresAt = 0 } = reservation
  return {
    ...viewOf(reservation, allocation.changes[0]?.seq ?? reservation.seq),
    ...(userId !== undefined && { userId }),
    ...(state === "RESERVED" && { remainingMs: Math.max(0, Math.floor((expiresAt - loaded.now) / 1_000)) }),
  }
}
