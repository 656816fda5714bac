import { type Allocation, decide as decideSale } from "../../domain/decide.ts"
import type { Instant } from "../../domain/reservation.ts"
import { type SkuSale, saleStatusAt } from "../../domain/sale.ts"
import { record } from "../telemetry.ts"
import { watched } from "../watched-call.ts"
import { assumed, asWritten, isSettled, mayPassWaiters } from "./assumed-state.ts"
import { sendBatch, writtenOf } from "./batch-write.ts"
import { createOptimisticPause } from "./optimistic-pause.ts"
import { createRememberedDecisions } from "./remembered-decisions.ts"
import type { Loaded, Scope } from "./sale-load.ts"
import { prepareStatements, sender } from "./statements.ts"
import { stickyConnection } from "./sticky-connection.ts"
import type { Committed, Plan, TransactorOptions } from "./transaction.ts"
import { hasDecidedId } from "./transaction-errors.ts"

/** What an optimistic batch concerns. */
export type OptimisticScope = Required<Pick<Scope, "skuNos" | "watermark">>

/**
 * The fast path of the writer. Only the writer decides requests, so it knows how it left the sales and decides the next batch for
 * that state. The server checks under the locks that nothing has moved, while it writes (write-batch.sql). A batch costs one
 * round trip, and the next batch may be sent before the answer: when a batch is refused, the batches after it are refused too,
 * because the watermark differs. Copies of recent decisions are answered from memory. An older id is a unique violation: the
 * locked path looks it up, and it is remembered from then on.
 */
export interface OptimisticWriter {
  /**
   * Sends a batch, in the order of the calls; undefined when too little is known of its sales. It rejects when the server refuses
   * the batch or is unavailable: then nothing of it was written, unless the answer was lost, and the batch goes to the locked
   * path.
   */
  attempt(scope: OptimisticScope, plan: (loaded: Loaded) => Plan): Promise<Committed> | undefined
  /** Records how a transaction under locks left its sales. */
  remember(committed: Committed): void
}

/** The sales as this writer left them. */
function createKnownSales() {
  const known = new Map<number, { readonly skuId: string; readonly sale: SkuSale }>()
  /** The ledger sequence of a SKU after this writer's last transaction, as the server returned it. */
  const leftAt = new Map<number, number>()
  return {
    /** Undefined unless all of them are known. */
    of(skuNos: readonly number[]) {
      const sales = skuNos.map((skuNo) => known.get(skuNo))
      return sales.length > 0 && sales.every((sale) => sale !== undefined) ? sales : undefined
    },
    note(changes: Allocation["changes"], before: Loaded): void {
      for (const { skuNo, balances, seq } of changes) {
        const sale = before.state.skus.get(skuNo)
        const skuId = before.skuIds.get(skuNo)
        if (sale !== undefined && skuId !== undefined) known.set(skuNo, { skuId, sale: { ...sale, balances, seq } })
      }
    },
    noteLeft(changes: Allocation["changes"]): void {
      for (const { skuNo, seq } of changes) leftAt.set(skuNo, seq)
    },
    /** Only this writer decides requests: between its own transactions there are payments, and no decisions. */
    lastDecided: ({ state }: Loaded): Loaded["decidedSeqs"] =>
      new Map([...state.skus].map(([skuNo, { seq }]) => [skuNo, leftAt.get(skuNo) ?? seq])),
    /** @returns false when nothing was known: an earlier failure has cleared it already */
    clear(): boolean {
      const wasKnown = known.size > 0
      known.clear()
      if (wasKnown) leftAt.clear()
      return wasKnown
    },
  }
}

/** True for a sale that may open now or in a moment: that is checked under the locks. */
const mayOpen = (sale: SkuSale, lastNow: Instant): boolean =>
  sale.opensAt !== undefined && saleStatusAt(sale, lastNow) === "draft"

/** @param options as for the transactor, on the same pool */
export function createOptimisticWriter(options: TransactorOptions): OptimisticWriter {
  const { pool, decide = decideSale, reach = () => {} } = options
  const prepared = prepareStatements(options.statements)
  const sales = createKnownSales()
  const remembered = createRememberedDecisions()
  const pause = createOptimisticPause()
  const connection = stickyConnection(pool)
  let lastNow: Instant = 0

  /** The sales of a batch, when all are known and nothing is due in them that needs locks. */
  function loadedOf({ skuNos }: OptimisticScope): Loaded | undefined {
    const known = sales.of(skuNos)
    if (known === undefined || known.some(({ sale }) => mayOpen(sale, lastNow) || mayPassWaiters(sale))) return undefined
    return assumed(known, lastNow)
  }

  /** Undefined for a plan that does more than decide requests; the locked path finds the cause of an error. */
  function decidedOn(loaded: Loaded, plan: (loaded: Loaded) => Plan): { allocation: Allocation; nextOffset: number } | undefined {
    try {
      const { command, quarantine = [], nextOffset } = plan(loaded)
      if (command.kind !== "allocate" || quarantine.length > 0 || nextOffset === undefined) return undefined
      const decided = remembered.of(command.requests)
      return { allocation: decide(command, { ...loaded.state, decided }, loaded.now), nextOffset }
    } catch {
      return undefined
    }
  }

  async function write(scope: OptimisticScope, nextOffset: number, allocation: Allocation, loaded: Loaded): Promise<Committed> {
    const startedMs = performance.now()
    await reach("before-commit")
    const written = await watched("database", () =>
      connection.use(async (client) => {
        const send = sender(client, prepared)
        return writtenOf(await sendBatch(send, { ...scope, ids: [], holders: [] }, nextOffset, allocation, loaded, "assumed"))
      }),
    )
    record("database.latency", performance.now() - startedMs)
    record("database.lock.wait", written.lockWaitMs)
    const committed = asWritten(allocation, { ...loaded, decidedSeqs: sales.lastDecided(loaded) }, written)
    sales.noteLeft(committed.allocation.changes)
    await reach("committed")
    lastNow = written.decidedAt
    pause.succeeded()
    return committed
  }

  function failed(error: unknown): void {
    if (!sales.clear()) return
    pause.failed(hasDecidedId(error))
  }

  return {
    attempt(scope, plan) {
      if (pause.takesBatch()) return undefined
      const loaded = loadedOf(scope)
      if (loaded === undefined) return undefined
      const decided = decidedOn(loaded, plan)
      if (decided === undefined) return undefined
      // The next batch is decided before this one is written: it must know the sales and these ids.
      sales.note(decided.allocation.changes, loaded)
      const removeDecisions = remembered.sent(decided.allocation.changes)
      return write(scope, decided.nextOffset, decided.allocation, loaded).catch((error: unknown) => {
        removeDecisions()
        failed(error)
        throw error
      })
    },

    remember({ allocation, loaded }) {
      lastNow = Math.max(lastNow, loaded.now)
      remembered.committed(allocation.answers)
      if (!isSettled(loaded)) return
      sales.note(allocation.changes, loaded)
      sales.noteLeft(allocation.changes)
    },
  }
}
