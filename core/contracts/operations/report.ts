import * as z from "zod"
import { refusalReasons } from "../../domain/reservation.ts"
import { AmountMinor, Currency, SkuId, Timestamp } from "../http/primitives.ts"
import { SaleStatus } from "../http/skus.ts"
import { read } from "./command.ts"

/** Sales that one report shows in detail. */
export const maxReportedSales = 20
/** Intervals of one report. A day has as many of five minutes. */
const maxIntervals = 300
/** Accounts of flagged clients that one command looks up. */
export const maxFlaggedAccounts = 1_000

const count = z.int().min(0)
const Money = z.strictObject({ currency: Currency, orders: count, amount_minor: AmountMinor, refunded_minor: AmountMinor })

/** Refused requests by reason; a reason that refused none is left out. */
const Refusals = z.partialRecord(z.enum(refusalReasons), count)

/** What PostgreSQL says of one sale, from its beginning until now. */
export const ReportedSale = z.strictObject({
  sku_id: SkuId,
  name: z.string(),
  price_minor: AmountMinor,
  currency: Currency,
  status: SaleStatus,
  total: count,
  reserved: count,
  sold: count,
  waitlisted: count,
  /** When requests were accepted from and to; null: not yet. */
  opened_at: Timestamp.nullable(),
  closed_at: Timestamp.nullable(),
  /** When the last unit was held or sold for the first time. */
  sold_out_at: Timestamp.nullable(),
  last_entry_at: Timestamp,
  decided: z.strictObject({ reserved: count, waitlisted: count, refused: Refusals }),
  /** Accounts that hold or own units of it, or wait for some. */
  accounts: count,
  /** Orders by status, with what was charged and what went back. */
  orders: z.partialRecord(z.enum(["PENDING_CAPTURE", "PAID", "FAILED", "REFUNDED"]), Money),
  refunds: z.array(
    z.strictObject({ origin: z.string(), state: z.string(), currency: Currency, refunds: count, amount_minor: AmountMinor }),
  ),
  /** Attempts to pay, by status; a declined one with the provider's code. */
  attempts: z.array(z.strictObject({ status: z.string(), decline_code: z.string().nullable(), attempts: count })),
  /** The last entry of the ledger, and the hash that covers every entry up to it. */
  ledger_seq: count,
  head_hash: z.string().regex(/^[0-9a-f]*$/),
})
export type ReportedSale = z.output<typeof ReportedSale>

/** The sales of a report. */
export const ReportedSales = z.strictObject({
  sales: z.array(ReportedSale).max(maxReportedSales),
  /** More sales than the report shows. */
  left_out: count,
  read_at: Timestamp,
})
export type ReportedSales = z.output<typeof ReportedSales>

const Balances = z.strictObject({ total: count, reserved: count, sold: count })

/** The ledger of one sale, added up by interval. Intervals without an entry are left out. */
export const LedgerIntervals = z.strictObject({
  sku_id: SkuId,
  /** Before the first interval. */
  before: Balances,
  intervals: z.array(
    z.strictObject({
      begins_at: Timestamp,
      /** After the last entry of the interval. */
      after: Balances,
      /** Units above the stock at the worst entry of the interval. Never above 0. */
      oversold: count,
      /** By kind of entry. The amount is in units; of payments, in minor units of money; of extensions, in microseconds. */
      entries: z.record(z.string(), z.strictObject({ entries: count, amount: z.int() })),
      refused: Refusals,
    }),
  ),
})
export type LedgerIntervals = z.output<typeof LedgerIntervals>

/** What became of the accounts of flagged clients. */
export const FlaggedAccounts = z.strictObject({
  /** Accounts that got a unit, or a place on the waitlist. */
  accepted: count,
  /** Accounts that paid for a unit. */
  paid: count,
  units_paid: count,
})
export type FlaggedAccounts = z.output<typeof FlaggedAccounts>

const window = { from: Timestamp, to: Timestamp }

/** What a report of a sale reads inside the stage's network. Everything else comes from metrics. */
export const reportCommands = {
  /** The named sales; without names those that closed or sold out in the window. */
  "report-sales": read({ ...window, sku_ids: z.array(SkuId).max(maxReportedSales).default([]) }, ReportedSales),
  "report-ledger": read(
    {
      sku_id: SkuId,
      from: Timestamp,
      interval_seconds: z.int().min(1).max(86_400),
      intervals: z.int().min(1).max(maxIntervals),
    },
    LedgerIntervals,
  ),
  /** `users` are the 32 bits of an account that the log line of a flagged client names. */
  "report-flagged": read(
    {
      sku_ids: z.array(SkuId).min(1).max(maxReportedSales),
      users: z
        .array(z.string().regex(/^[0-9a-f]{8}$/))
        .min(1)
        .max(maxFlaggedAccounts),
    },
    FlaggedAccounts,
  ),
}
