import type { Kafka } from "kafkajs"
import type { Pool } from "pg"
import type { PaymentProvider } from "../../adapters/payment/provider.ts"
import { readSaleTables, reconciledSkus, type SaleTables } from "../../adapters/postgres/reconcile-reads.ts"
import type { SaleFiguresReader } from "../../adapters/redis/sale-figures.ts"
import { logger } from "../../adapters/telemetry.ts"
import { type Figure, maxReconciledSkus, type Reconciliation, type Source } from "../../contracts/operations/reconcile.ts"
import { NotFound } from "../../domain/errors.ts"
import { tableDifferences } from "../../domain/reconcile.ts"
import type { Progress } from "../administration/verify-sale.ts"
import { createFoundDifferences, type FoundDifferences } from "./found-differences.ts"
import { readProvider } from "./read-provider.ts"
import { readRedisSales } from "./read-redis-sales.ts"
import { readRequests } from "./read-requests.ts"

/** Sweepers expire holds every five seconds. */
const overdueSeconds = 15

export interface ReconcileDeps {
  /** Connections of the reader role whose client waits as long as a check takes. */
  readonly pool: Pool
  readonly kafka: Kafka
  readonly requestsTopic: string
  /** The first offset of the topic's generation. */
  readonly firstOffset?: number
  readonly sales: SaleFiguresReader
  readonly provider: PaymentProvider
  /** The age from which a payment is compared; a test has none. */
  readonly graceSeconds?: number
}

export interface ReconcileRequest {
  readonly skuIds: readonly string[] | undefined
  readonly limit: number
  readonly hours: number
  readonly progress: Progress
  readonly signal: AbortSignal
}

/**
 * Reads what every source says of some sales, and lists where they differ. PostgreSQL says which sales there are; every other
 * source may be away. Its memory does not grow with the requests.
 *
 * @throws PostgreSQL's errors, NotFound for a SKU that does not exist, and the signal's reason
 */
export async function reconcile(deps: ReconcileDeps, request: ReconcileRequest): Promise<Reconciliation> {
  const { skuIds, limit, hours } = request
  const seconds = hours * 3_600
  const skus = await reconciledSkus(deps.pool, skuIds, seconds, maxReconciledSkus)
  const missing = skuIds?.find((skuId) => !skus.has(skuId))
  if (missing !== undefined) throw new NotFound("sku", { detail: `There is no SKU ${missing}.` })
  const tables = await readSaleTables(deps.pool, [...skus.values()], { overdueSeconds, limit })
  const found = createFoundDifferences(limit)
  for (const sale of tables) noteTables(sale, found)
  const reads = { ...deps, ...request, seconds }
  const requests = await unlessAway("kafka", request.signal, () => readRequests(reads, tables, found))
  const shown = await unlessAway("redis", request.signal, () => readRedisSales(deps.sales, tables, found))
  const paid = await unlessAway("provider", request.signal, () => readProvider(reads, tables, found))
  const away = (Object.entries({ kafka: requests, redis: shown, provider: paid }) as [Source, unknown][])
    .filter(([, read]) => read === undefined)
    .map(([source]) => source)
  return {
    sales: tables.map((sale) => ({
      sku_id: sale.skuId,
      figures: figuresOf(sale, {
        kafka: requests && (requests.get(sale.skuId) ?? {}),
        redis: shown && (shown.get(sale.skuId) ?? {}),
        provider: paid && (paid.figures.get(sale.skuId) ?? {}),
      }),
    })),
    differences: found.list(),
    away,
    payments_of_others: paid?.others ?? null,
  }
}

function noteTables(sale: SaleTables, found: FoundDifferences): void {
  for (const { kind, detail } of tableDifferences(sale)) {
    const isOverdue = kind === "hold-overdue"
    found.noteAll(kind, sale.skuId, isOverdue ? sale.overdueIds : [sale.skuId], isOverdue ? sale.overdue : 1, detail)
  }
}

/** @returns undefined when the source does not answer; the signal ends the whole command */
async function unlessAway<Result>(source: Source, signal: AbortSignal, read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read()
  } catch (error) {
    signal.throwIfAborted()
    logger.warn("A source did not answer a reconciliation; the others are compared without it", {
      place: source,
      error: error as Error,
    })
    return undefined
  }
}

/** What a source says, by figure; undefined while it is away. */
type Said = object | undefined
type Outside = Readonly<Record<"kafka" | "redis" | "provider", Said>>

/** The rows of the table. A source has null where it does not know the figure. */
function figuresOf(sale: SaleTables, outside: Outside): Reconciliation["sales"][number]["figures"] {
  const { inventory, ledger, reservations, holdings, waitlist, orders } = sale
  const kafka = (name: string) => figureOf(outside.kafka, name)
  const redis = (name: string) => figureOf(outside.redis, name)
  const provider = (name: string) => figureOf(outside.provider, name)
  const row = (what: string, cells: Partial<Record<Source, Figure>>) => ({ what, ...nothing, ...cells })
  const { total, reserved, sold, waitlisted, seq } = inventory
  return [
    row("records in the queue", { kafka: kafka("records") }),
    row("waiting for the writer", { kafka: kafka("waiting") }),
    row("quarantined", { kafka: kafka("quarantined") }),
    row("decided", { kafka: kafka("decided"), inventory: inventory.decided ?? null, reservations: reservations.decided ?? null }),
    row("ledger sequence", { ledger: ledger.seq ?? null, inventory: seq ?? null, redis: redis("seq") }),
    row("total units", { ledger: ledger.total ?? null, inventory: total ?? null, redis: redis("total") }),
    row("reserved units", {
      ...{ ledger: ledger.reserved ?? null, inventory: reserved ?? null, reservations: reservations.reserved ?? null },
      redis: redis("reserved"),
    }),
    row("sold units", {
      ...{ ledger: ledger.sold ?? null, inventory: sold ?? null, reservations: reservations.sold ?? null },
      ...{ redis: redis("sold"), orders: orders.sold ?? null },
    }),
    row("on the waitlist", {
      ...{ inventory: waitlisted ?? null, reservations: reservations.waitlisted ?? null, redis: redis("waitlisted") },
    }),
    row("entries of the waitlist", { inventory: waitlist.waitlisted ?? null }),
    row("units of users", { inventory: holdings.held ?? null, reservations: reservations.held ?? null }),
    row("payments to capture", { orders: sale.ordersPending, provider: provider("authorised") }),
    row("payments captured", { orders: sale.ordersCaptured, provider: provider("captured") }),
    row("refunded (minor units)", { orders: sale.refundedMinor, provider: provider("refundedMinor") }),
  ]
}

const nothing: Record<Source, Figure> = {
  ...{ kafka: null, ledger: null, inventory: null, reservations: null },
  ...{ redis: null, orders: null, provider: null },
}

function figureOf(said: Said, name: string): Figure {
  const figure = said === undefined ? "away" : (said as Readonly<Record<string, unknown>>)[name]
  return figure === "away" || typeof figure === "number" ? figure : null
}
