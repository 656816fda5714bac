/** The metrics of the namespace `FlashSale`, each with CloudWatch's unit. Locally /metrics shows the same names. */
export const metricUnits = {
  "batch.processed": "Count",
  "batch.size": "Count",
  "batch.latency": "Milliseconds",
  "queue.depth": "Count",
  "queue.wait": "Milliseconds",
  "queue.wait.estimated": "Milliseconds",
  "queue.wait.error": "Milliseconds",
  "queue.stalled": "Milliseconds",
  "stock.depletion.rate": "Count",
  "stock.available": "Count",
  "sale.status": "Count",
  "sale.mode": "Count",
  "batch.allocation.rate": "Percent",
  "fairness.inversions": "Count",
  "kafka.consumer.lag": "Count",
  "consumer.lag": "Count",
  "consumer.stalled": "Milliseconds",
  "inventory.oversell": "Count",
  "inventory.undersell": "Count",
  "reservation.decision.latency": "Milliseconds",
  "reservation.answer.timed": "Count",
  "reservation.answer.slow": "Count",
  "reservation.decided.slow": "Count",
  "availability.latency": "Milliseconds",
  "availability.timed": "Count",
  "availability.slow": "Count",
  "admit.latency": "Milliseconds",
  "produce.latency": "Milliseconds",
  "produce.rate": "Count",
  "produce.errors": "Count",
  "availability.cache.hit": "Count",
  "availability.cache.miss": "Count",
  "redis.asked": "Count",
  "redis.away": "Count",
  "cache.latency": "Milliseconds",
  "cache.invalidation.latency": "Milliseconds",
  "admission.judged": "Count",
  "admission.limited": "Count",
  "admission.refused": "Count",
  "admission.suspected": "Count",
  "admission.tight": "Count",
  "expiry.lag": "Milliseconds",
  "sweep.completed": "Count",
  "sku.failed": "Count",
  "sku.failing": "Milliseconds",
  "relay.published": "Count",
  "relay.lag": "Milliseconds",
  "database.latency": "Milliseconds",
  "database.read.rate": "Count/Second",
  "database.timed": "Count",
  "database.slow": "Count",
  "database.lock.wait": "Milliseconds",
  "checkout.latency": "Milliseconds",
  "checkout.timed": "Count",
  "checkout.slow": "Count",
  "payment.attempted": "Count",
  "payment.declined": "Count",
  "payment.failed": "Count",
  "payment.misconfigured": "Count",
  "payment.wait": "Milliseconds",
  "payment.set-aside": "Count",
  "payment.set-aside.age": "Milliseconds",
  "payment.disputed": "Count",
  "refund.failed": "Count",
  "webhook.accepted": "Count",
  "webhook.refused": "Count",
  "quarantine.count": "Count",
  "quarantine.unknown-version": "Count",
  "events.dead-lettered": "Count",
  "offsets.disagree": "Count",
  "writer.blocked": "Milliseconds",
  "analytics.counted": "Count",
  "analytics.delay": "Milliseconds",
  "analytics.skipped": "Count",
  "analytics.recreated": "Count",
  "analytics.conflicts": "Count",
  "analytics.reported": "Count",
  "analytics.orders.per.minute": "Count",
  "analytics.failure.rate": "Percent",
  "analytics.success.rate": "Percent",
  "analytics.throughput": "Count/Second",
  "analytics.orders": "Count",
  "analytics.orders.failed": "Count",
  "analytics.orders.reserved": "Count",
  "notice.sent": "Count",
  "notice.delay": "Milliseconds",
  "notice.failed": "Count",
  "notice.no-address": "Count",
  "notice.unknown": "Count",
  "notice.bounced": "Count",
  "notice.complained": "Count",
  "fulfilment.published": "Count",
  "environment.connected": "Count",
  "environment.unconnected": "Count",
  "request.rate": "Count",
  "error.rate": "Count",
} as const satisfies Record<string, "Count" | "Milliseconds" | "Percent" | "Count/Second">

export type MetricName = keyof typeof metricUnits

/**
 * Calls that are watched while they run. `<name>.timed` counts them, `<name>.slow` those that took longer than the limit: a call
 * that hangs counts when the limit passes, and not when it returns. The latency alarms are about the share of slow calls.
 */
export const slowAfterMs = {
  "reservation.answer": 150,
  availability: 200,
  checkout: 450,
  database: 200,
} as const
export type WatchedCall = keyof typeof slowAfterMs

/** A decision that is committed later than this after its request was accepted is slow, also when its caller got a position. */
export const slowDecisionMs = 150

/** SKUs that have metrics of their own, each of which costs as much as a metric for all of them. */
export const mostMeasuredSkus = 50

/** The values of `sale.status` and `sale.mode`: CloudWatch keeps numbers only. */
export const saleStatusValues = { draft: 0, open: 1, closed: 2, halted: 3 } as const
export const saleModeValues = { batch: 1, direct: 2, halted: 3 } as const

/** The `service` of the metrics that all functions behind the API count together: an alarm can read only ten metrics. */
export const wholeApi = "api"
