import {
  type LedgerIntervalRow,
  type MoneyRow,
  readFlagged,
  readLedgerIntervals,
  readReportedSales,
  type SaleReportRow,
} from "../../../core/adapters/postgres/report.ts"
import { timestampOf, timestampOrNull } from "../../../core/contracts/http/primitives.ts"
import {
  type LedgerIntervals,
  maxReportedSales,
  type ReportedSale,
  type ReportedSales,
  type reportCommands,
} from "../../../core/contracts/operations/report.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import { refusalReasons } from "../../../core/domain/reservation.ts"
import { publicSaleStatus } from "../../../core/domain/sale-status.ts"
import type { RequestOf } from "../../../core/workflows/operations/handlers.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/** What a report reads of sales. It needs PostgreSQL alone. */
export const reportHandlers: Handlers<keyof typeof reportCommands> = {
  "report-sales": readSales,
  "report-ledger": readLedger,
  "report-flagged": async (parts, { sku_ids: skuIds, users }) => {
    // The column is a signed integer of the same 32 bits.
    const owners = users.map((user) => Number.parseInt(user, 16) | 0)
    return readFlagged(await parts.readerPool(), { skuIds, owners })
  },
}

const microseconds = (timestamp: string): number => Date.parse(timestamp) * 1_000

/** @throws NotFound for a name without a sale */
async function readSales(parts: OpsParts, { sku_ids: skuIds, from, to }: RequestOf<"report-sales">): Promise<ReportedSales> {
  const window = { since: microseconds(from), until: microseconds(to) }
  const { sales, money } = await readReportedSales(await parts.readerPool(), { ...window, skuIds, limit: maxReportedSales })
  const known = new Set(sales.map(({ sku_id }) => sku_id))
  const unknown = skuIds.filter((skuId) => !known.has(skuId))
  if (unknown.length > 0) throw new NotFound("sku", { detail: `There is no sale of ${unknown.join(", ")}.` })
  const moneyBySku = Map.groupBy(money, ({ sku_no }) => sku_no)
  return {
    sales: sales.map((sale) => reportedSale(sale, moneyBySku.get(sale.sku_no) ?? [])),
    left_out: Math.max(0, (sales[0]?.found ?? 0) - sales.length),
    read_at: sales[0] ? timestampOf(sales[0].now) : new Date().toISOString(),
  }
}

function reportedSale(row: SaleReportRow, money: readonly MoneyRow[]): ReportedSale {
  const { opens_at: opensAt, closes_at: closesAt } = row
  const times = { ...(opensAt !== null && { opensAt }), ...(closesAt !== null && { closesAt }) }
  const status = publicSaleStatus({ status: row.status, mode: row.mode, ...times }, row.now)
  const of = (kind: MoneyRow["kind"]) => money.filter((each) => each.kind === kind)
  return {
    ...{ sku_id: row.sku_id, name: row.name, price_minor: row.price_minor, currency: row.currency, status },
    ...{ total: row.total_stock, reserved: row.reserved_count, sold: row.sold_count, waitlisted: row.waitlisted },
    opened_at: timestampOrNull(openingOf(row)),
    closed_at: timestampOrNull(closingOf(row)),
    sold_out_at: timestampOrNull(row.sold_out_at),
    last_entry_at: timestampOf(row.last_entry_at),
    decided: {
      reserved: row.decided_reserved,
      waitlisted: row.decided_waitlisted,
      refused: refusals(refusalReasons.map((reason) => row[reason])),
    },
    accounts: row.accounts,
    orders: Object.fromEntries(
      of("order").map(({ name, number, ...each }) => [
        name,
        { currency: each.currency, orders: number, amount_minor: each.amount_minor, refunded_minor: each.refunded_minor },
      ]),
    ),
    refunds: of("refund").map(({ name, detail, number, currency, amount_minor }) => ({
      ...{ origin: detail ?? "", state: name, currency, refunds: number, amount_minor },
    })),
    attempts: of("attempt").map(({ name, detail, number }) => ({ status: name, decline_code: detail, attempts: number })),
    ledger_seq: row.seq,
    head_hash: row.head_hash,
  }
}

/** An operator may open a sale before its opening time: requests are accepted from the later of both. */
const openingOf = ({ opened_at, opens_at, now }: SaleReportRow): number | null => {
  if (opened_at !== null) return Math.max(opened_at, opens_at ?? 0)
  return opens_at !== null && opens_at <= now ? opens_at : null
}

/** The closing time ends a sale as well as an operator does. */
const closingOf = ({ closed_at, closes_at, now }: SaleReportRow): number | null => {
  const byTime = closes_at !== null && closes_at <= now ? closes_at : undefined
  if (closed_at === null) return byTime ?? null
  return Math.min(closed_at, byTime ?? closed_at)
}

/** @param requests in the order of `refusalReasons` */
const refusals = (requests: readonly number[]) =>
  Object.fromEntries(refusalReasons.flatMap((reason, index) => (requests[index] ? [[reason, requests[index]]] : [])))

/** @throws NotFound */
async function readLedger(parts: OpsParts, asked: RequestOf<"report-ledger">): Promise<LedgerIntervals> {
  const { sku_id, from, interval_seconds: seconds, intervals } = asked
  const since = microseconds(from)
  const read = await readLedgerIntervals(await parts.readerPool(), { skuId: sku_id, since, seconds, intervals })
  if (read === undefined) throw new NotFound("sku", { detail: `There is no sale of ${sku_id}.` })
  const byInterval = [...Map.groupBy(read.intervals, ({ interval }) => interval)]
  return {
    sku_id,
    before: read.before,
    intervals: byInterval.map(([interval, rows]) => ({
      begins_at: timestampOf(since + interval * seconds * 1_000_000),
      ...intervalOf(rows),
    })),
  }
}

/** @param rows by kind of entry, the kind with the interval's last entry at the end */
function intervalOf(rows: readonly LedgerIntervalRow[]) {
  const { total = 0, reserved = 0, sold = 0 } = rows.at(-1) ?? {}
  const refused = refusalReasons.map((_, index) => rows.reduce((sum, row) => sum + (row.refused[index] ?? 0), 0))
  return {
    after: { total, reserved, sold },
    oversold: Math.max(0, ...rows.map((row) => row.oversold)),
    entries: Object.fromEntries(rows.map(({ kind, entries, amount }) => [kind, { entries, amount }])),
    refused: refusals(refused),
  }
}
