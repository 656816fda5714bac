const share = "IF(FILL(hits, 0) + FILL(misses, 0) > 100, 100 * FILL(hits, 0) / (FILL(hits, 0) + FILL(misses, 0)), 100)"
const hitRate = [share, "availability.cache.hit Sum availability", "availability.cache.miss Sum availability"]
const errorRate = [
  "IF(requests > 100, 100 * FILL(errors, 0) / requests, 0)",
  "AWS/ApiGateway Count Sum api-1",
  "AWS/ApiGateway 5xx Sum api-1",
]
const sumOf = (...metrics: string[]) => [`SUM([${metrics.map((_, index) => `FILL(m${index + 1}, 0)`).join(", ")}])`, ...metrics]
const worstOf = (...metrics: string[]) => [sumOf(...metrics)[0]?.replace("SUM", "MAX"), ...metrics]
const brokers = (metric: string) => ["1", "2", "3"].map((broker) => `AWS/Kafka ${metric} ${broker} sale`)
const nodes = (metric: string) => ["sale-001", "sale-002", "sale-003"].map((node) => `AWS/ElastiCache ${metric} ${node}`)

/** What each alarm of `prod` reads: its formula, if any, and metric, statistic, dimensions. Our own metrics have no namespace. */
export const watchedMetrics: Readonly<Record<string, readonly (string | undefined)[]>> = {
  OversellDetected: ["inventory.oversell Maximum expiry-sweeper"],
  OffsetsDisagree: ["offsets.disagree Sum batch-writer"],
  WriterCannotWrite: ["writer.blocked Maximum batch-writer"],
  QueueDepthCritical: ["queue.depth Maximum expiry-sweeper"],
  "QueueDepthCritical-shedding-failed": ["queue.depth Maximum expiry-sweeper"],
  UndersellDetected: ["inventory.undersell Maximum expiry-sweeper"],
  ConsumerLagHigh: ["kafka.consumer.lag Maximum expiry-sweeper"],
  "ConsumerLagHigh-wait": ["queue.wait p95 batch-writer"],
  SweepLate: ["sweep.completed Sum expiry-sweeper"],
  "SweepLate-holds": ["expiry.lag Maximum expiry-sweeper"],
  SkuTaskFailing: ["sku.failing Maximum expiry-sweeper"],
  AnalyticsReportLate: ["analytics.reported Sum analytics-report"],
  AnalyticsIncomplete: ["analytics.skipped Sum analytics"],
  EventTopicRecreated: ["analytics.recreated Sum analytics"],
  RelayLate: ["relay.lag Maximum expiry-sweeper"],
  WriteLatencyHigh: ["reservation.decision.latency p95 reserve"],
  ReadLatencyHigh: ["AWS/Lambda Duration p95 flash-sale-prod-availability"],
  CheckoutLatencyHigh: ["checkout.latency p95 checkout"],
  "CacheHitRateLow-warn": hitRate,
  "CacheHitRateLow-page": hitRate,
  "ErrorRateHigh-warn": errorRate,
  "ErrorRateHigh-page": errorRate,
  RequestRateHigh: ["requests / PERIOD(requests)", "AWS/CloudFront Requests Sum DIST Global"],
  ProduceErrors: sumOf("produce.errors Sum reserve", "produce.errors Sum reserve-batch"),
  UnderReplicatedOrThrottled: worstOf(...brokers("ProduceThrottleTime Maximum")),
  IAMTooManyConnections: worstOf(...brokers("IAMTooManyConnections Maximum")),
  BrokerNetworkHigh: ["100 * bytes / 15600000", ...worstOf(...brokers("BytesInPerSec Average"))],
  BatchLatencyHigh: [
    "latency / IF(size > 250, size / 250, 1)",
    "batch.latency p95 batch-writer",
    "batch.size Average batch-writer",
  ],
  DepletionRateOff: ["IF(units > 0, ABS(100 * (units / PERIOD(units) / 400 - 1)), 0)", "stock.depletion.rate Sum batch-writer"],
  QuarantineNotEmpty: ["quarantine.count Sum batch-writer"],
  AnalyticsLate: ["consumer.lag Maximum analytics expiry-sweeper"],
  "AnalyticsLate-stalled": ["consumer.stalled Maximum analytics expiry-sweeper"],
  EventReactorLate: ["consumer.lag Maximum event-reactor expiry-sweeper"],
  "EventReactorLate-stalled": ["consumer.stalled Maximum event-reactor expiry-sweeper"],
  DeadLetters: sumOf("events.dead-lettered Sum event-reactor", "events.dead-lettered Sum analytics"),
  UnknownSchemaVersion: ["quarantine.unknown-version Sum batch-writer"],
  PaymentFailure: sumOf("payment.failed Sum checkout", "payment.failed Sum event-reactor", "payment.failed Sum expiry-sweeper"),
  PaymentMisconfigured: sumOf(
    "payment.misconfigured Sum checkout",
    "payment.misconfigured Sum event-reactor",
    "payment.misconfigured Sum expiry-sweeper",
    "payment.misconfigured Sum ops",
  ),
  PaymentsSetAside: ["payment.set-aside.age Maximum expiry-sweeper"],
  RefundFailed: sumOf(...["checkout", "expiry-sweeper", "ops"].map((name) => `refund.failed Sum ${name}`)),
  PaymentDisputed: sumOf(...["checkout", "expiry-sweeper", "ops"].map((name) => `payment.disputed Sum ${name}`)),
  WebhookRefused: [
    "IF(FILL(accepted, 0) == 0, FILL(refused, 0), 0)",
    "webhook.refused Sum checkout",
    "webhook.accepted Sum checkout",
  ],
  DatabaseConnectionsHigh: ["AWS/RDS DatabaseConnections Maximum sale-db"],
  DatabaseLatencyHigh: ["database.latency p99 batch-writer"],
  LockWaitHigh: ["database.lock.wait Average batch-writer"],
  DatabaseStorageLow: ["AWS/RDS FreeStorageSpace Minimum sale-db"],
  DatabaseCpuHigh: ["AWS/RDS CPUUtilization Average sale-db"],
  RedisAway: sumOf(
    "redis.away Sum reserve",
    "redis.away Sum reservation",
    "redis.away Sum availability",
    "redis.away Sum batch-writer",
  ),
  RedisMemoryHigh: worstOf(...nodes("DatabaseMemoryUsagePercentage Maximum")),
  RedisEvictions: sumOf(...nodes("Evictions Sum")),
  SecretRotationFailed: ["AWS/Lambda Errors Sum flash-sale-prod-secret-rotation"],
}
