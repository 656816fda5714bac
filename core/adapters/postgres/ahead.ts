import { type Allocation, decide as decideSale } from "../../domain/decide.ts"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import { maxOverduePerTransaction, maxWaitersPerTransaction, type SkuSale } from "../../domain/sale.ts"
import { record } from "../telemetry.ts"
import { sendBatch, type Written, writtenOf } from "./batch-write.ts"
import type { Loaded, Scope } from "./sale-load.ts"
import { transitionStatements } from "./statements.ts"
import { stickyConnection } from "./sticky-connection.ts"
import { type Committed, type Plan, sender, type TransactorOptions } from "./transaction.ts"

/** After a batch that had to be done over, this many go the safe way; twice as many after the next, up to the most. */
const firstPauseBatches = 4
const mostPauseBatches = 256

/** What a batch that goes ahead is about. */
export type AheadScope = Required<Pick<Scope, "skuNos" | "watermark">>

/**
 * The writer's fast way: it is the only one who decides, so it remembers how it left the sales, decides the next batch for that, and has
 * the server check under the locks that nothing has moved, while it writes (write-batch.sql). One round trip, and the next batch may be
 * sent before the answer: what hangs on a batch that was refused is refused with it, for the watermark is not where it should be.
 */
export interface Ahead {
  /**
   * Sends a batch, in the order of the calls; undefined when too little is known of its sales. It rejects when the server refused it, or is
   * away: nothing of it was written then, unless the answer was lost, and it goes the safe way.
   */
  attempt(scope: AheadScope, plan: (loaded: Loaded) => Plan): Promise<Committed> | undefined
  /** Notes how a transaction under locks left the sales it was about. */
  remember(committed: Committed): void
}

/** @param options as for the transactor, on the same pool */
export function createAhead({
  pool,
  decide = decideSale,
  statements = transitionStatements,
  reach = () => {},
}: TransactorOptions): Ahead {
  const known = new Map<number, { readonly skuId: string; readonly sale: SkuSale }>()
  const lane = stickyConnection(pool)
  let lastNow: Instant = 0
  let pauseBatches = firstPauseBatches
  let batchesToPause = 0

  function forget(): void {
    if (known.size === 0) return
    known.clear()
    batchesToPause = pauseBatches
    pauseBatches = Math.min(2 * pauseBatches, mostPauseBatches)
  }

  function note(changes: Allocation["changes"], before: Loaded): void {
    for (const { skuNo, balances, seq } of changes) {
      const sale = before.state.skus.get(skuNo)
      const skuId = before.skuIds.get(skuNo)
      if (sale !== undefined && skuId !== undefined) known.set(skuNo, { skuId, sale: { ...sale, balances, seq } })
    }
  }

  /** Undefined for what is not only a batch of requests; and what cannot be decided at all is narrowed down by the safe way. */
  function decidedOn(loaded: Loaded, plan: (loaded: Loaded) => Plan): { allocation: Allocation; nextOffset: number } | undefined {
    try {
      const { command, quarantine = [], nextOffset } = plan(loaded)
      if (command.kind !== "allocate" || quarantine.length > 0 || nextOffset === undefined) return undefined
      return { allocation: decide(command, loaded.state, loaded.now), nextOffset }
    } catch {
      return undefined
    }
  }

  async function write(scope: AheadScope, nextOffset: number, allocation: Allocation, loaded: Loaded): Promise<Committed> {
    const startedMs = performance.now()
    await reach("before-commit")
    const written = await lane.use((client) =>
      sendBatch(sender(client, statements), { ...scope, ids: [], holders: [] }, nextOffset, allocation, loaded, "assumed").then(
        writtenOf,
      ),
    )
    record("database.latency", performance.now() - startedMs)
    await reach("committed")
    lastNow = written.decidedAt
    pauseBatches = firstPauseBatches
    return asWritten(allocation, loaded, written)
  }

  return {
    attempt(scope, plan) {
      if (batchesToPause > 0) {
        batchesToPause -= 1
        return undefined
      }
      const sales = scope.skuNos.map((skuNo) => known.get(skuNo))
      if (sales.length === 0 || !sales.every((sale) => sale !== undefined)) return undefined
      if (sales.some(({ sale }) => mayPassWaiters(sale))) return undefined
      const loaded = assumed(sales, lastNow)
      const decided = decidedOn(loaded, plan)
      if (decided === undefined) return undefined
      note(decided.allocation.changes, loaded)
      return write(scope, decided.nextOffset, decided.allocation, loaded).catch((error: unknown) => {
        forget()
        throw error
      })
    },

    remember({ allocation, loaded }) {
      lastNow = Math.max(lastNow, loaded.now)
      if (isSettled(loaded)) note(allocation.changes, loaded)
    },
  }
}

/** True when nothing was left over for the next transaction: neither holds that ran out nor waiters who fit. */
const isSettled = ({ state }: Loaded): boolean =>
  [...state.overdue.values()].every((holds) => holds.length < maxOverduePerTransaction) &&
  [...state.waiting.values()].every((waiting) => waiting.length < maxWaitersPerTransaction)

/** True when somebody waits for more than is free: only under the locks is it known how often they may still be passed. */
const mayPassWaiters = ({ balances: { total, reserved, sold, waitlisted } }: SkuSale): boolean =>
  waitlisted > 0 && total > reserved + sold

/** The state as the writer left it: nobody overdue, nobody waiting who fits, every id new and every user a newcomer, until the server objects. */
function assumed(sales: readonly { readonly skuId: string; readonly sale: SkuSale }[], now: Instant): Loaded {
  return {
    now,
    extended: [],
    skuIds: new Map(sales.map(({ skuId, sale }) => [sale.skuNo, skuId])),
    state: {
      skus: new Map(sales.map(({ sale }) => [sale.skuNo, sale])),
      overdue: new Map(),
      waiting: new Map(),
      decided: new Map(),
      holdings: new Map(),
    },
  }
}

/** What was committed: decided later than assumed, and on ledgers and balances that payments may have moved on. */
function asWritten({ answers, changes }: Allocation, loaded: Loaded, { decidedAt, sales }: Written): Committed {
  const laterBy = decidedAt - loaded.now
  const written = changes.map((change, index) => {
    const { seq = change.seq, ...units } = sales[index] ?? {}
    return { ...change, seq, balances: { ...change.balances, ...units } }
  })
  const movedBy = new Map(changes.map(({ skuNo, seq }, index) => [skuNo, (written[index]?.seq ?? seq) - seq]))
  const skus = new Map(
    [...loaded.state.skus].map(([skuNo, sale]) => [skuNo, { ...sale, seq: sale.seq + (movedBy.get(skuNo) ?? 0) }]),
  )
  const settled = (reservation: Reservation): Reservation => ({
    ...reservation,
    seq: reservation.seq + (movedBy.get(reservation.skuNo) ?? 0),
    ...(reservation.expiresAt !== undefined && { expiresAt: reservation.expiresAt + laterBy }),
  })
  return {
    allocation: { answers: answers.map((answer) => ({ ...answer, reservation: settled(answer.reservation) })), changes: written },
    loaded: { ...loaded, now: decidedAt, state: { ...loaded.state, skus } },
  }
}
