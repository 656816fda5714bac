const share = "IF(FILL(hits, 0) + FILL(misses, 0) > 100, 100 * FILL(hits, 0) / (FILL(hits, 0) + FILL(misses, 0)), 100)"
const hitRate = [share, "availability.cache.hit Sum availability", "availability.cache.miss Sum availability"]
const gatewayErrors = [
  "IF(requests > 100, 100 * FILL(errors, 0) / requests, 0)",
  "AWS/ApiGateway Count Sum api-1",
  "AWS/ApiGateway 5xx Sum api-1",
]
const shareOf = (part: string, all: string, leastPart: number, leastAll: number) =>
  `IF(FILL(${all}, 0) >= ${leastAll} AND FILL(${part}, 0) >= ${leastPart}, 100 * FILL(${part}, 0) / FILL(${all}, 0), 0)`
const errorRate = [shareOf("errors", "requests", 5, 50), "request.rate Sum api", "error.rate Sum api"]
const sharedOut = (part: string, all: string, leastPart: number, leastAll: number, services: string[]) => {
  const sum = (name: string) => `SUM([${services.map((_, index) => `FILL(${name}${index + 1}, 0)`).join(", ")}])`
  return [
    `IF(${sum("a")} >= ${leastAll} AND ${sum("p")} >= ${leastPart}, 100 * ${sum("p")} / ${sum("a")}, 0)`,
    ...services.map((service) => `${part} Sum ${service}`),
    ...services.map((service) => `${all} Sum ${service}`),
  ]
}
const sumOf = (...metrics: string[]) => [`SUM([${metrics.map((_, index) => `FILL(m${index + 1}, 0)`).join(", ")}])`, ...metrics]
const worstOf = (...metrics: string[]) => [sumOf(...metrics)[0]?.replace("SUM", "MAX"), ...metrics]
const brokers = (metric: string) => ["1", "2", "3"].map((broker) => `AWS/Kafka ${metric} ${broker} sale`)
const nodes = (metric: string) => ["sale-001", "sale-002", "sale-003"].map((node) => `AWS/ElastiCache ${metric} ${node}`)

/** What each alarm of `prod` reads: its formula, if any, and metric, statistic, dimensions. Our own metrics have no namespace. */
export const watchedMetrics: Readonly<Record<string, readonly (string | undefined)[]>> = {
  OversellDetected: ["inventory.oversell Maximum expiry-sweeper"],
  OffsetsDisagree: ["offsets.disagree Sum batch-writer"],
  WriterCannotWrite: ["writer.blocked Maximum batch-writer"],
  "WriterCannotWrite-stalled": ["queue.stalled Maximum expiry-sweeper"],
  "WriterCannotWrite-pause": ["queue.stalled Maximum expiry-sweeper"],
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
  WriteLatencyHigh: [
    `MAX([${shareOf("slow", "timed", 5, 50)}, ${shareOf("late", "decided", 5, 50)}])`,
    "reservation.answer.timed Sum reserve",
    "reservation.answer.slow Sum reserve",
    "batch.processed Sum batch-writer",
    "reservation.decided.slow Sum batch-writer",
  ],
  ReadLatencyHigh: [shareOf("slow", "timed", 5, 50), "availability.timed Sum availability", "availability.slow Sum availability"],
  CheckoutLatencyHigh: [shareOf("slow", "timed", 3, 10), "checkout.timed Sum checkout", "checkout.slow Sum checkout"],
  "CacheHitRateLow-warn": hitRate,
  "CacheHitRateLow-page": hitRate,
  "ErrorRateHigh-warn": errorRate,
  "ErrorRateHigh-page": errorRate,
  "ErrorRateHigh-gateway": gatewayErrors,
  BotFlood: [shareOf("limited", "judged", 50, 100), "admission.judged Sum reserve", "admission.limited Sum reserve"],
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
  "DepletionRateOff-SKU-001": [
    "IF(FILL(available, 0) > 1000, ABS(100 * (FILL(taken, 0) / 3333.333333333333 - 1)), 0)",
    "stock.depletion.rate Sum batch-writer SKU-001",
    "stock.available Minimum expiry-sweeper SKU-001",
  ],
  QuarantineNotEmpty: ["quarantine.count Sum batch-writer"],
  AnalyticsLate: ["consumer.lag Maximum analytics expiry-sweeper"],
  "AnalyticsLate-stalled": ["consumer.stalled Maximum analytics expiry-sweeper"],
  EventReactorLate: ["consumer.lag Maximum event-reactor expiry-sweeper"],
  "EventReactorLate-stalled": [
    "IF(FILL(away, 0) > 0, 0, FILL(stalled, 0))",
    "consumer.stalled Maximum event-reactor expiry-sweeper",
    "redis.away Sum event-reactor",
  ],
  NotifierLate: ["consumer.lag Maximum notifier expiry-sweeper"],
  "NotifierLate-stalled": ["consumer.stalled Maximum notifier expiry-sweeper"],
  FulfilmentLate: ["consumer.lag Maximum fulfilment expiry-sweeper"],
  "FulfilmentLate-stalled": ["consumer.stalled Maximum fulfilment expiry-sweeper"],
  DeadLetters: sumOf(
    ...["event-reactor", "analytics", "notifier", "fulfilment"].map((name) => `events.dead-lettered Sum ${name}`),
  ),
  UnknownSchemaVersion: ["quarantine.unknown-version Sum batch-writer"],
  PaymentFailure: sharedOut("payment.failed", "payment.attempted", 5, 20, ["checkout", "event-reactor", "expiry-sweeper"]),
  PaymentMisconfigured: sumOf(
    "payment.misconfigured Sum checkout",
    "payment.misconfigured Sum event-reactor",
    "payment.misconfigured Sum expiry-sweeper",
    "payment.misconfigured Sum ops",
    "payment.misconfigured Sum ops-checks",
  ),
  PaymentsSetAside: ["payment.set-aside.age Maximum expiry-sweeper"],
  RefundFailed: sumOf(...["checkout", "expiry-sweeper", "ops"].map((name) => `refund.failed Sum ${name}`)),
  PaymentDisputed: sumOf(...["checkout", "expiry-sweeper"].map((name) => `payment.disputed Sum ${name}`)),
  NoticesLate: ["notice.delay p95 notifier"],
  NoticesUnknown: ["notice.unknown Sum notifier"],
  MailBounceRateHigh: ["AWS/SES Reputation.BounceRate Maximum flash-sale-prod"],
  MailComplaintRateHigh: ["AWS/SES Reputation.ComplaintRate Maximum flash-sale-prod"],
  WebhookRefused: [
    "IF(FILL(accepted, 0) == 0, FILL(refused, 0), 0)",
    "webhook.refused Sum checkout",
    "webhook.accepted Sum checkout",
  ],
  DatabaseConnectionsHigh: ["AWS/RDS DatabaseConnections Maximum sale-db"],
  DatabaseLatencyHigh: ["database.latency p99 batch-writer"],
  "DatabaseLatencyHigh-page": [
    `MAX([${["1", "2", "3"].map((n) => shareOf(`slow${n}`, `timed${n}`, 3, 5)).join(", ")}])`,
    ...["batch-writer", "checkout", "expiry-sweeper"].flatMap((name) => [
      `database.timed Sum ${name}`,
      `database.slow Sum ${name}`,
    ]),
  ],
  LockWaitHigh: worstOf("database.lock.wait Average batch-writer", "database.lock.wait Average checkout"),
  AnalyticsReplicaLate: ["MAX([FILL(m1, 61)])", "AWS/RDS ReplicaLag Maximum sale-replica"],
  DatabaseStorageLow: ["AWS/RDS FreeStorageSpace Minimum sale-db"],
  DatabaseCpuHigh: ["AWS/RDS CPUUtilization Average sale-db"],
  RedisAway: sharedOut("redis.away", "redis.asked", 20, 20, ["reserve", "reservation", "availability", "batch-writer"]),
  RedisMemoryHigh: worstOf(...nodes("DatabaseMemoryUsagePercentage Maximum")),
  RedisEvictions: sumOf(...nodes("Evictions Sum")),
  "AlarmDrill-P0": ["AWS/Lambda Invocations Sum flash-sale-prod-expiry-sweeper"],
  "AlarmDrill-P1": ["AWS/Lambda Invocations Sum flash-sale-prod-expiry-sweeper"],
  "AlarmDrill-P2": ["AWS/Lambda Invocations Sum flash-sale-prod-expiry-sweeper"],
  ScheduleFailed: sumOf(
    ...["app", "streaming"].map(
      (stack) => `AWS/SQS ApproximateNumberOfMessagesVisible Maximum flash-sale-prod-failed-schedules-${stack}`,
    ),
  ),
  WarmingFailed: [
    "IF(FILL(starts, 0) > 0, FILL(errors, 0), 1)",
    ...["Invocations", "Errors"].map((name) => `AWS/Lambda ${name} Sum flash-sale-prod-warmer`),
  ],
  EnvironmentsUnconnected: sumOf(
    ...["availability", "batch-writer", "catalogue", "checkout", "orders", "reservation", "reserve"].map(
      (name) => `environment.unconnected Sum ${name}`,
    ),
  ),
  SecretRotationFailed: ["AWS/Lambda Errors Sum flash-sale-prod-secret-rotation"],
  SignInTriggerFailing: sumOf(...["Errors", "Throttles"].map((name) => `AWS/Lambda ${name} Sum flash-sale-prod-token-claims`)),
}
