import { setTimeout as delay } from "node:timers/promises"
import { codeOf, failureKind } from "../../adapters/failure-kind.ts"
import type { Loaded, Scope } from "../../adapters/postgres/sale-load.ts"
import type { Committed, Transact } from "../../adapters/postgres/transaction.ts"
import { mayPassSoon } from "../../adapters/postgres/transaction-errors.ts"
import { backoffMs } from "../../concurrency/backoff.ts"
import type { Refusal, SaleCommand } from "../../domain/decide.ts"
import type { EarlierUse, KeyedCommand } from "../../domain/keyed-command.ts"
import type { Reservation } from "../../domain/reservation.ts"
import { maxOverduePerTransaction, maxWaitersPerTransaction } from "../../domain/sale.ts"
import { type ProjectionDeps, projectCommit } from "./project-commit.ts"

/** Every command except the decision of requests, which only the writer makes. */
export type TransitionCommand = Exclude<SaleCommand, { kind: "allocate" }>

/** The result of a command. */
export interface CommandResult {
  readonly refused?: Refusal
  /** The key of the command was used before: this call only did the changes that were due by time. */
  readonly earlierUse?: EarlierUse
  /** For a cancel: the reservation as it is now. */
  readonly reservation?: Reservation
  /** How many holds ended. */
  readonly expired: number
}

/**
 * Applies a command to one SKU. Of all calls that bring the same key, one changes something.
 * @throws PostgreSQL's errors, after a few tries where another try can help
 */
export type ApplyCommand = (skuNo: number, command: TransitionCommand, keyed?: KeyedCommand) => Promise<CommandResult>

export interface ApplyCommandDeps extends ProjectionDeps {
  readonly transact: Transact
}

/** Tries after a deadlock, a read-only connection or a lost race. They are few, because a shopper waits for the answer. */
const maxTries = 4
/** Three pauses of at most 70 ms in all: another transaction can commit meanwhile, and no shopper notices them. */
const firstBackoffMs = 10
const maxBackoffMs = 40

/**
 * The transitions that need no queue: expire, cancel, restock, payments, opening, closing and changes of mode. They are the two
 * flushes of the writer with an empty batch, through the same `decide`. What is due by time happens with each of them.
 */
export const createApplyCommand =
  (deps: ApplyCommandDeps): ApplyCommand =>
  async (skuNo, command, keyed) => {
    let committed = await transactAndProject(deps, skuNo, command, keyed)
    const first = committed
    let expired = countExpired(committed)
    // The load is for the units that the command may free. When it frees fewer, entries that fit may stand behind those that were
    // loaded.
    while (isUnfinished(committed) || (committed === first && mayLeaveWaiters(first.loaded))) {
      committed = await transactAndProject(deps, skuNo, { kind: "expire" })
      expired += countExpired(committed)
    }
    const reservation = command.kind === "cancel" ? reservationAfter(first, command.reservationId) : undefined
    return {
      expired,
      ...(first.allocation.refused && { refused: first.allocation.refused }),
      ...(first.loaded.earlierUse && { earlierUse: first.loaded.earlierUse }),
      ...(reservation && { reservation }),
    }
  }

/** True when the waitlist may be longer than what was loaded. A released unit goes to the waitlist before any new request. */
export const mayLeaveWaiters = ({ state }: Loaded): boolean =>
  [...state.waiting.values()].some((waiting) => waiting.length >= maxWaitersPerTransaction)

/** True when the transaction reached one of its bounds, so that more may be due, or when it closed a sale that has a waitlist. */
export function isUnfinished({ allocation, loaded }: Committed): boolean {
  return allocation.changes.some(({ skuNo, left, sale, balances }) => {
    const overdue = loaded.state.overdue.get(skuNo)?.length ?? 0
    const waiting = loaded.state.waiting.get(skuNo)?.length ?? 0
    const closed = sale?.status === "closed" && balances.waitlisted > 0
    return closed || overdue >= maxOverduePerTransaction || (waiting >= maxWaitersPerTransaction && left.length > 0)
  })
}

async function transactAndProject(
  deps: ApplyCommandDeps,
  skuNo: number,
  command: TransitionCommand,
  keyed?: KeyedCommand,
): Promise<Committed> {
  const scope = { ...scopeOf(skuNo, command), ...(keyed && { keyed }) }
  const committed = await transactWithRetry(deps.transact, scope, command)
  await projectCommit(deps, committed)
  return committed
}

async function transactWithRetry(transact: Transact, scope: Scope, command: TransitionCommand): Promise<Committed> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact(scope, ({ earlierUse }) => ({ command: earlierUse ? { kind: "expire" } : command }))
    } catch (error) {
      const canHelp = failureKind(error) === "conflict" || mayPassSoon(codeOf(error))
      if (!canHelp || attempt >= maxTries) throw error
      await delay(backoffMs(attempt, firstBackoffMs, maxBackoffMs))
    }
  }
}

function scopeOf(skuNo: number, command: TransitionCommand): Scope {
  const scope: Scope = { skuNos: [skuNo], ids: [], holders: [] }
  switch (command.kind) {
    case "cancel":
      return { ...scope, ids: [command.reservationId], frees: { reservationId: command.reservationId } }
    case "restock":
      return { ...scope, frees: { units: command.quantity } }
    case "paid":
      return { ...scope, orderIds: command.orderIds }
    case "revoke":
      return { ...scope, orderIds: [command.orderId], frees: { orderId: command.orderId } }
    case "refund":
      return { ...scope, orderIds: [command.orderId], refundId: command.refundId, frees: { orderId: command.orderId } }
    case "halt":
      return { ...scope, ...(command.freeze && { partitionOf: skuNo }) }
    default:
      return scope
  }
}

const countExpired = ({ allocation }: Committed): number =>
  allocation.changes.reduce((sum, { transitions }) => sum + transitions.filter(({ to }) => to === "EXPIRED").length, 0)

/** The state after a transaction of a reservation that was decided before it. */
export function reservationAfter({ allocation, loaded }: Committed, id: string): Reservation | undefined {
  const before = loaded.state.decided.get(id)
  const moved = allocation.changes.flatMap(({ transitions }) => transitions).find((transition) => transition.id === id)
  if (before === undefined || moved === undefined) return before
  return { ...before, state: moved.to, ...(moved.expiresAt !== undefined && { expiresAt: moved.expiresAt }) }
}
