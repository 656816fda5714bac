import { setTimeout as delay } from "node:timers/promises"
import { codeOf, failureKind } from "../../adapters/failure-kind.ts"
import type { Scope } from "../../adapters/postgres/sale-load.ts"
import type { Committed, Plan } from "../../adapters/postgres/transaction.ts"
import { mayPassSoon } from "../../adapters/postgres/transaction-errors.ts"
import { backoffMs } from "../../concurrency/backoff.ts"
import { createConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import { OutcomeUnknown } from "../../domain/errors.ts"
import type { ReservationRequest } from "../../domain/reservation.ts"
import { type ReservationView, viewOf } from "../../domain/reservation-view.ts"
import { type SkuSale, saleStatusAt } from "../../domain/sale.ts"
import { type ApplyCommandDeps, isUnfinished, mayLeaveWaiters, reservationAfter } from "./apply-command.ts"
import { projectCommit } from "./project-commit.ts"

/** Lost races and lost answers are tried again this often; a shopper is waiting. */
const maxTries = 4
const firstBackoffMs = 50
const maxBackoffMs = 200
/** Requests of a process that are being decided or wait for a connection; the lock of a SKU lets one after the other through anyway. */
const maxDirectAtOnce = 256

/**
 * What came of a request: its decision; the sale in another mode than its process knew; or a sale that has not opened. Nothing was written in the
 * latter two, and the key is still free.
 */
export type DirectResult =
  | { readonly kind: "decided"; readonly view: ReservationView }
  | { readonly kind: "switched"; readonly sale: SkuSale }
  | { readonly kind: "early" }

/**
 * Decides a request in a transaction of its own, as the writer would if it stood in line alone: the same locks, loads and `decide`. A
 * request that was decided before, by whomever, comes to that decision.
 *
 * @param epoch in which the sale is known to be in direct mode
 * @throws Overloaded when nothing was decided, OutcomeUnknown when it may have been; PostgreSQL's errors
 */
export type DecideDirectly = (request: ReservationRequest, epoch: number) => Promise<DirectResult>

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
          // Before the first load nothing was sent that could decide. After it, only another look tells: the same id comes to the same decision.
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
    request: ReservationRequest,
    epoch: number,
    note: (sale: SkuSale | undefined) => void,
  ): Promise<ReservationView | undefined> {
    for (let waitersServed = false; ; ) {
      let postponed = false
      let isEarly = false
      const committed = await deps.transact(scopeOf(request), (loaded): Plan => {
        const sale = loaded.state.skus.get(request.skuNo)
        note(sale)
        const isDirect = sale?.mode === "direct" && sale.epoch === epoch
        // Who is early is told so and keeps the key: nothing is decided before the opening.
        isEarly = isDirect && !loaded.state.decided.has(request.id) && saleStatusAt(sale, loaded.now) === "draft"
        if (isEarly) return { command: { kind: "expire" } }
        // A released unit goes to those who wait before any new request, also when more wait than one transaction serves.
        postponed = !waitersServed && isDirect && mayLeaveWaiters(loaded)
        if (postponed) return { command: { kind: "expire" } }
        return { command: { kind: "allocate", requests: [request] }, directEpoch: epoch }
      })
      await projectCommit(deps, committed)
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
