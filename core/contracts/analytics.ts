import * as z from "zod"
import { SkuId, Timestamp } from "./http/primitives.ts"

/**
 * The key of the table in DynamoDB: what an item is about (`analytics/7` is a partition of a group), and the generation whose
 * archive it is; 0 is the present state.
 */
export const analyticsTableKey = { partition: "place", sort: "archive_of" } as const

/** The SKUs that a report lists at most: those with the most orders in the last minute. Another one is found by its id. */
export const maxReportedSkus = 100

/** The files of a report, in the folder or the bucket of analytics. */
export const reportFiles = { json: "metrics_output.json", prometheus: "metrics_output.prom" } as const

const number = z.number().min(0)
const count = z.int().min(0)
const percent = z.number().min(0).max(100)
const byName = z.record(z.string(), z.int())

/** GET /v1/admin/analytics */
export const AnalyticsQuery = z.strictObject({ sku_id: SkuId.optional() })

/** The figures that other systems read, under names that do not change. */
const figures = {
  /** Accepted reservations of the last 60 s. */
  orders_per_minute: count,
  /** Refused requests in percent of the decided ones, since the first event. */
  failure_rate_percent: percent,
  /** Accepted requests in percent of the decided ones, since the first event. */
  success_rate_percent: percent,
  /** Decided requests: accepted and refused ones. */
  total_orders: count,
  /** Refused requests. */
  failed_orders: count,
  /** Requests that were decided RESERVED. */
  reserved_orders: count,
  /** Events a second in the last 60 s, or since the first event if that is less. */
  throughput_events_per_second: number,
  /** Seconds since the first event. */
  elapsed_seconds: number,
}

const Totals = z
  .strictObject({
    events: count,
    accepted: count,
    reserved: count,
    waitlisted: count,
    refused: count,
    refused_by_reason: byName,
    promoted: count,
    confirmed: count,
    expired: count,
    cancelled: count,
    lapsed: count,
    paid: count,
    payment_failed: count,
    refunded: count,
    units_held: count,
    units_confirmed: count,
    /** By currency, in minor units. */
    revenue_minor: byName,
    refunded_minor: byName,
    first_event_at: Timestamp.nullable(),
    last_event_at: Timestamp.nullable(),
  })
  .meta({ id: "AnalyticsTotals" })

const LastMinute = z
  .strictObject({ accepted: count, refused: count, failure_rate_percent: percent, success_rate_percent: percent })
  .meta({ id: "AnalyticsLastMinute" })

const SkuFigures = z
  .strictObject({ sku_id: SkuId, ...figures, last_minute: LastMinute, totals: Totals })
  .meta({ id: "AnalyticsSku" })

/** The figures of analytics at a moment: of one SKU, or of all SKUs and of each of the busiest. */
export const AnalyticsReport = z
  .strictObject({
    timestamp: Timestamp,
    ...figures,
    sku_id: SkuId.optional(),
    last_minute: LastMinute,
    totals: Totals,
    /** A replay begins a new generation. */
    generation: z.int().min(1),
    /** How far each partition of the events is counted. */
    partitions: z.array(
      z
        .strictObject({
          partition: count,
          next_offset: count.nullable(),
          /** Records that retention deleted, or that an operator passed over, before they were counted. */
          skipped_records: count,
          /** How often the topic began again at offset 0. */
          recreations: count,
        })
        .meta({ id: "AnalyticsPartition" }),
    ),
    skus: z.array(SkuFigures).max(maxReportedSkus).optional(),
  })
  .meta({ id: "AnalyticsReport" })
export type AnalyticsReport = z.infer<typeof AnalyticsReport>
