import { type Allocation, decide as decideSale } from "../../domain/decide.ts"
import { createRecentDecisions } from "../../domain/recent-decisions.ts"
import type { Instant, Reservation, ReservationRequest } from "../../domain/reservation.ts"
import { maxOverduePerTransaction, maxWaitersPerTransaction, type SkuSale, saleStatusAt } from "../../domain/sale.ts"
import { record } from "../telemetry.ts"
import { sendBatch, type Written, writtenOf } from "./batch-write.ts"
import type { Loaded, Scope } from "./sale-load.ts"
import { prepareStatements, sender } from "./statements.ts"
import { stickyConnection } from "./sticky-connection.ts"
import type { Committed, Plan, TransactorOptions } from "./transaction.ts"
import { hasDecidedId } from "./transaction-errors.ts"

/** After a batch that had to be done over, this many go the safe way; twice as many after the next, up to the most. None after a single old id. */
const firstPauseBatches = 4
const mostPauseBatches = 256

/**
 * Remembering what it decided costs the writer about 6 % (measured with every request refused), and copies are rare: it does so once a copy
 * was met, and for so many batches after the last one. A copy of what was decided before then costs one batch the safe way.
 */
const rememberedBatches = 256

/** What a batch that goes ahead is about. */
export type OptimisticScope = Required<Pick<Scope, "skuNos" | "watermark">>

/**
 * The writer's fast way: it is the only one who decides, so it remembers how it left the sales, decides the next batch for that, and has
 * the server check under the locks that nothing has moved, while it writes (write-batch.sql). One round trip, and the next batch may be
 * sent before the answer: what hangs on a batch that was refused is refused with it, for the watermark is not where it should be. Copies of what it
 * decided lately are answered from memory; an older id is a unique violation, and from then on remembered as well.
 */
export interface OptimisticWriter {
  /**
   * Sends a batch, in the order of the calls; undefined when too little is known of its sales. It rejects when the server refused it, or is
   * away: nothing of it was written then, unless the answer was lost, and it goes the safe way.
   */
  attempt(scope: OptimisticScope, plan: (loaded: Loaded) => Plan): Promise<Committed> | undefined
  /** Notes how a transaction under locks left the sales it was about. */
  remember(committed: Committed): void
}

/** @param options as for the transactor, on the same pool */
export function createOptimisticWriter({
  pool,
  decide = decideSale,
  statements,
  reach = () => {},
}: TransactorOptions): OptimisticWriter {
  const prepared = prepareStatements(statements)
  const known = new Map<number, { readonly skuId: string; readonly sale: SkuSale }>()
  const recent = createRecentDecisions()
  /** Where the ledger of a SKU was after this writer's last transaction, as the server said. */
  const leftAt = new Map<number, number>()
  const lane = stickyConnection(pool)
  let lastNow: Instant = 0
  let pauseBatches = firstPauseBatches
  let batchesToPause = 0
  let hasFailed = false
  let batchesToRemember = 0

  /** One old id says nothing of the next batch, which need not go the safe way for it; several in a row do. */
  function forget(error: unknown): void {
    if (known.size === 0) return
    known.clear()
    leftAt.clear()
    if (hasDecidedId(error)) batchesToRemember = rememberedBatches
    const isOneId = hasDecidedId(error) && !hasFailed
    hasFailed = true
    if (isOneId) return
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
      const decided = batchesToRemember > 0 ? recentlyDecided(command.requests) : nothingDecided
      return { allocation: decide(command, { ...loaded.state, decided }, loaded.now), nextOffset }
    } catch {
      return undefined
    }
  }

  /** What is remembered of these requests: a copy comes to the decision of its first record, whatever became of that since. */
  function recentlyDecided(requests: readonly ReservationRequest[]): ReadonlyMap<string, Reservation> {
    let decided: Map<string, Reservation> | undefined
    for (const { id } of requests) {
      const known = recent.get(id)
      if (known === undefined) continue
      decided ??= new Map()
      decided.set(id, known)
    }
    return decided ?? nothingDecided
  }

  async function write(scope: OptimisticScope, nextOffset: number, allocation: Allocation, loaded: Loaded): Promise<Committed> {
    const startedMs = performance.now()
    await reach("before-commit")
    const written = await lane.use((client) =>
      sendBatch(sender(client, prepared), { ...scope, ids: [], holders: [] }, nextOffset, allocation, loaded, "assumed").then(
        writtenOf,
      ),
    )
    record("database.latency", performance.now() - startedMs)
    const committed = asWritten(allocation, { ...loaded, decidedSeqs: lastDecided(loaded) }, written)
    for (const { skuNo, seq } of committed.allocation.changes) leftAt.set(skuNo, seq)
    await reach("committed")
    lastNow = written.decidedAt
    pauseBatches = firstPauseBatches
    hasFailed = false
    return committed
  }

  /** Only this writer decides, so that what is between its own transactions are payments, and not decisions. */
  const lastDecided = ({ state }: Loaded): Loaded["decidedSeqs"] =>
    new Map([...state.skus].map(([skuNo, { seq }]) => [skuNo, leftAt.get(skuNo) ?? seq]))

  return {
    attempt(scope, plan) {
      if (batchesToPause > 0) {
        batchesToPause -= 1
        return undefined
      }
      const sales = scope.skuNos.map((skuNo) => known.get(skuNo))
      if (sales.length === 0 || !sales.every((sale) => sale !== undefined)) return undefined
      // Whether a sale opens now or in a moment is looked at under the locks.
      if (sales.some(({ sale }) => sale.opensAt !== undefined && saleStatusAt(sale, lastNow) === "draft")) return undefined
      if (sales.some(({ sale }) => mayPassWaiters(sale))) return undefined
      const loaded = assumed(sales, lastNow)
      const decided = decidedOn(loaded, plan)
      if (decided === undefined) return undefined
      note(decided.allocation.changes, loaded)
      if (decided.allocation.changes.some(hasCopies)) batchesToRemember = rememberedBatches
      // The next batch is decided before this one is written: it must know these ids already.
      const decisions = batchesToRemember > 0 ? decided.allocation.changes.flatMap((change) => change.decisions) : []
      for (const decision of decisions) recent.add(decision)
      if (batchesToRemember > 0) batchesToRemember -= 1
      return write(scope, decided.nextOffset, decided.allocation, loaded).catch((error: unknown) => {
        for (const { id } of decisions) recent.remove(id)
        forget(error)
        throw error
      })
    },

    remember({ allocation, loaded }) {
      lastNow = Math.max(lastNow, loaded.now)
      if (allocation.changes.some(hasCopies)) batchesToRemember = rememberedBatches
      if (batchesToRemember > 0) for (const { reservation } of allocation.answers) recent.add(reservation)
      if (!isSettled(loaded)) return
      note(allocation.changes, loaded)
      for (const { skuNo, seq } of allocation.changes) leftAt.set(skuNo, seq)
    },
  }
}

/** True when nothing was left over for the next transaction: neither holds that ran out nor waiters who fit. */
const isSettled = ({ state }: Loaded): boolean =>
  [...state.overdue.values()].every((holds) => holds.length < maxOverduePerTransaction) &&
  [...state.waiting.values()].every((waiting) => waiting.length < maxWaitersPerTransaction)

const hasCopies = ({ tally }: Allocation["changes"][number]): boolean => (tally.duplicates ?? 0) > 0 || (tally.conflicts ?? 0) > 0

const nothingDecided: ReadonlyMap<string, Reservation> = new Map()
/** True when somebody waits for more than is free: only under the locks is it known how often they may still be passed. */
const mayPassWaiters = ({ balances: { total, reserved, sold, waitlisted } }: SkuSale): boolean =>
  waitlisted > 0 && total > reserved + sold

/** The state as the writer left it: nobody overdue, nobody waiting who fits, every id new and every user a newcomer, until the server objects. */
function assumed(sales: readonly { readonly skuId: string; readonly sale: SkuSale }[], now: Instant): Loaded {
  return {
    now,
    extended: [],
    decidedSeqs: new Map(),
    skuIds: new Map(sales.map(({ skuId, sale }) => [sale.skuNo, skuId])),
    state: {
      skus: new Map(sales.map(({ sale }) => [sale.skuNo, sale])),
      overdue: new Map(),
      waiting: new Map(),
      decided: nothingDecided,
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
    allocation: {
      answers: answers.map((answer) => (answer.repeated ? answer : { ...answer, reservation: settled(answer.reservation) })),
      changes: written,
    },
    loaded: { ...loaded, now: decidedAt, state: { ...loaded.state, skus } },
  }
}
