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

/** Everything but the decision of requests, which is the writer's alone. */
export type TransitionCommand = Exclude<SaleCommand, { kind: "allocate" }>

/** What came of a command. */
export interface CommandResult {
  readonly refused?: Refusal
  /** The command's key was used before: nothing but what was due happened now. */
  readonly earlierUse?: EarlierUse
  /** For a cancel: the reservation as it is now. */
  readonly reservation?: Reservation
  /** How many holds ended. */
  readonly expired: number
}

/**
 * Carries a command out on one SKU; with a key, once for all calls that bring it.
 * @throws PostgreSQL's errors, after a few tries where trying again can help
 */
export type ApplyCommand = (skuNo: number, command: TransitionCommand, keyed?: KeyedCommand) => Promise<CommandResult>

export interface ApplyCommandDeps extends ProjectionDeps {
  readonly transact: Transact
}

/** Deadlocks, read-only connections and lost races are tried again this often; a shopper is waiting. */
const maxTries = 4
/** Three pauses of at most 70 ms in all: long enough for a rival to commit, and nothing that a shopper notices. */
const firstBackoffMs = 10
const maxBackoffMs = 40

/**
 * The transitions that need no line: expire, cancel, restock, payments, opening and closing. They are the writer's two flushes with an
 * empty batch, through the same `decide`; what time has made due happens with each of them.
 */
export const createApplyCommand =
  (deps: ApplyCommandDeps): ApplyCommand =>
  async (skuNo, command, keyed) => {
    let committed = await transactAndProject(deps, skuNo, command, keyed)
    const first = committed
    let expired = countExpired(committed)
    // A command may free less than the load allowed for: those who fit what is really free may then stand behind the ones loaded.
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

/** True when there may be waiters beyond those loaded: a released unit is theirs before any new request's. */
export const mayLeaveWaiters = ({ state }: Loaded): boolean =>
  [...state.waiting.values()].some((waiting) => waiting.length >= maxWaitersPerTransaction)

/** True when the transaction reached one of its bounds and more may be due, or when it closed a sale for which somebody waits. */
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
    case "halt":
      return { ...scope, ...(command.freeze && { partitionOf: skuNo }) }
    default:
      return scope
  }
}

const countExpired = ({ allocation }: Committed): number =>
  allocation.changes.reduce((sum, { transitions }) => sum + transitions.filter(({ to }) => to === "EXPIRED").length, 0)

/** What a reservation that was decided before became in a transaction. */
export function reservationAfter({ allocation, loaded }: Committed, id: string): Reservation | undefined {
  const before = loaded.state.decided.get(id)
  const moved = allocation.changes.flatMap(({ transitions }) => transitions).find((transition) => transition.id === id)
  if (before === undefined || moved === undefined) return before
  return { ...before, state: moved.to, ...(moved.expiresAt !== undefined && { expiresAt: moved.expiresAt }) }
}
