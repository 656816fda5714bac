import type { SaleStatus, WriteMode } from "../sale.ts"
import { type Finding, isNotOk, judged } from "./line.ts"

/** What the calendar, or the operator, says of a sale; what it leaves out is not compared. */
export interface ExpectedSale {
  readonly sku_id: string
  readonly opens_at?: string | undefined
  readonly closes_at?: string | undefined
  readonly units?: number | undefined
  readonly price_minor?: number | undefined
  readonly hold_seconds?: number | undefined
}

/** A sale in PostgreSQL before it opens. Times are in milliseconds since 1970. */
export interface SaleRecord {
  readonly total: number
  readonly reserved: number
  readonly sold: number
  readonly waitlisted: number
  /** Requests decided so far, also those that were refused. */
  readonly decided: number
  readonly priceMinor: number
  readonly holdSeconds: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly frozen: boolean
  readonly opensAtMs: number | null
  readonly closesAtMs: number | null
  readonly nowMs: number
}

/** The command that creates a SKU as it is expected; the operator fills in what the calendar does not say. */
const createCommand = ({ sku_id, units, price_minor, opens_at, closes_at, hold_seconds }: ExpectedSale): string =>
  [
    `ops sale create ${sku_id} --stock ${units ?? "<units>"} --price ${price_minor ?? "<minor>"}`,
    ...(hold_seconds === undefined ? [] : [`--hold ${hold_seconds}`]),
    ...(opens_at === undefined ? [] : [`--opens-at ${opens_at}`]),
    ...(closes_at === undefined ? [] : [`--closes-at ${closes_at}`]),
  ].join(" ")

/** The record of a sale agrees with the calendar, and the sale has not opened. */
export function judgeRecord(expected: ExpectedSale, sale: SaleRecord | undefined): Finding {
  const { sku_id: skuId } = expected
  if (sale === undefined) return isNotOk(`there is no SKU ${skuId}`, createCommand(expected))
  const stockFaults = differs("stock", sale.total, expected.units)
  const faults = [
    ...differs("price", sale.priceMinor, expected.price_minor),
    ...differs("hold time", sale.holdSeconds, expected.hold_seconds, " s"),
    ...differsInTime("opens", sale.opensAtMs, expected.opens_at),
    ...differsInTime("closes", sale.closesAtMs, expected.closes_at),
    ...(sale.status === "draft" ? [] : [`the sale is ${sale.status} already`]),
    ...(sale.status === "draft" && sale.opensAtMs !== null && sale.opensAtMs <= sale.nowMs
      ? ["its opening time has passed"]
      : []),
  ]
  // Only the stock can be changed; a sale with other terms is closed, and another SKU created.
  const onlyStock = faults.length === 0 && expected.units !== undefined
  const mend = onlyStock ? `ops sale restock ${skuId} -- ${(expected.units ?? 0) - sale.total}` : `ops sale close ${skuId}`
  return judged([...stockFaults, ...faults], `${sale.total} units, ${openingOf(sale)}, as expected`, mend)
}

/** Nobody has asked for units of a sale that is to open. */
export const judgeUntouched = (skuId: string, { reserved, sold, waitlisted, decided }: SaleRecord): Finding =>
  judged(
    [
      ...(reserved > 0 ? [`${reserved} units are held`] : []),
      ...(sold > 0 ? [`${sold} units are sold`] : []),
      ...(waitlisted > 0 ? [`${waitlisted} wait on the waitlist`] : []),
      ...(decided > 0 ? [`${decided} requests are decided`] : []),
    ],
    "no reservation of an earlier sale or a rehearsal",
    `ops sale close ${skuId}`,
  )

/** The writer decides the sale from the queue. */
export function judgeMode(skuId: string, { mode, frozen }: SaleRecord): Finding {
  const mend = mode === "halted" ? `ops sale resume ${skuId}` : `ops mode batch ${skuId}`
  return judged(mode === "batch" && !frozen ? [] : [`the mode is ${mode}${frozen ? ", frozen" : ""}`], "mode batch", mend)
}

/** What Redis says of a sale; undefined when it knows nothing. */
export interface CachedSale {
  readonly total: number
  readonly reserved: number
  readonly sold: number
  readonly isComplete: boolean
}

/** Redis shows the stock of PostgreSQL, and knows every living reservation. The sweeper writes what is missing within seconds. */
export function judgeCache(skuId: string, sale: SaleRecord, cached: CachedSale | undefined): Finding {
  const mend = `ops reconcile ${skuId} --apply`
  if (cached === undefined) return isNotOk("Redis does not know the sale", mend)
  const faults = [
    ...differs("total units", cached.total, sale.total),
    ...differs("reserved units", cached.reserved, sale.reserved),
    ...differs("sold units", cached.sold, sale.sold),
    ...(cached.isComplete ? [] : ["the sale has no mark that everything is loaded"]),
  ]
  return judged(faults, `${cached.total} units, complete`, mend)
}

const differs = (what: string, actual: number, expected: number | undefined, unit = ""): string[] =>
  expected === undefined || actual === expected ? [] : [`${what} ${actual}${unit}, expected ${expected}${unit}`]

const differsInTime = (what: string, actualMs: number | null, expected: string | undefined): string[] =>
  expected === undefined || actualMs === Date.parse(expected)
    ? []
    : [`it ${what} ${actualMs === null ? "at no set time" : `at ${new Date(actualMs).toISOString()}`}, expected ${expected}`]

const openingOf = ({ opensAtMs }: SaleRecord): string =>
  opensAtMs === null ? "opened by hand" : `opens at ${new Date(opensAtMs).toISOString()}`
