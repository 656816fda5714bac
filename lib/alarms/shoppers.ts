import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, awsMetric, formula, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** With fewer lookups in a minute a hit rate says nothing. */
const fewLookups = 100
/** With fewer requests in a minute an error rate says nothing. */
const fewRequests = 100
/** With more refused calls in a minute it is not an accident. */
const fewForgedCalls = 10
/** A pause of one process makes fewer calls in a minute continue without Redis; an outage of Redis makes more. */
const fewCallsWithoutRedis = 100
/** Share of the planned checkouts whose payment may fail. */
const paymentFailureShare = 0.05
const leastPaymentFailures = 5

/** Alarms on what shoppers see: latencies, errors, the cache behind the edge, payments. */
export const shopperAlarms = (stage: StageConfig, apiId: string): AlarmDefinition[] => [
  ...latencyAlarms(stage),
  cacheHitRate("warn", "P2", 95),
  cacheHitRate("page", "P1", 80),
  errorRate("warn", "P2", 0.1, apiId),
  errorRate("page", "P1", 1, apiId),
  ...queueingAlarms,
  ...checkoutAlarms(stage),
]

const latencyAlarms = (stage: StageConfig): readonly AlarmDefinition[] => [
  {
    heading: "WriteLatencyHigh",
    priority: "P1",
    condition: "reservations take more than 150 ms at p95, from request to decision",
    metric: saleMetric("reservation.decision.latency", "reserve", "p95", minuteSeconds),
    above: 150,
    datapoints: 3,
    silence: "fine",
  },
  {
    heading: "ReadLatencyHigh",
    priority: "P1",
    condition: "reads of availability that reach the origin take more than 200 ms at p95",
    metric: awsMetric("AWS/Lambda", "Duration", { FunctionName: functionNameOf(stage, "availability") }, "p95"),
    above: 200,
    datapoints: 3,
    silence: "fine",
  },
  {
    heading: "CheckoutLatencyHigh",
    priority: "P1",
    condition: "checkouts take more than 450 ms at p95, the payment provider included",
    metric: saleMetric("checkout.latency", "checkout", "p95", minuteSeconds),
    above: 450,
    datapoints: 3,
    silence: "fine",
  },
]

/** Alarms on requests that Kafka or Redis does not take. */
const queueingAlarms: readonly AlarmDefinition[] = [
  {
    heading: "ProduceErrors",
    priority: "P1",
    condition: "requests could not be queued, or it is unknown whether they were",
    metric: across(
      "SUM",
      [
        saleMetric("produce.errors", "reserve", "Sum", minuteSeconds),
        saleMetric("produce.errors", "reserve-batch", "Sum", minuteSeconds),
      ],
      minuteSeconds,
    ),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "RedisAway",
    priority: "P1",
    condition: "the functions continue without Redis: it does not answer, or accepts no writes",
    metric: across(
      "SUM",
      [
        saleMetric("redis.away", "reserve", "Sum", minuteSeconds),
        saleMetric("redis.away", "reservation", "Sum", minuteSeconds),
        saleMetric("redis.away", "availability", "Sum", minuteSeconds),
        saleMetric("redis.away", "batch-writer", "Sum", minuteSeconds),
      ],
      minuteSeconds,
    ),
    above: fewCallsWithoutRedis,
    datapoints: 2,
    silence: "fine",
  },
]

const checkoutAlarms = ({ capacity }: StageConfig): readonly AlarmDefinition[] => [
  {
    heading: "PaymentFailure",
    priority: "P2",
    condition: "payments fail for more than 5 % of the planned checkouts; declines are not failures",
    metric: across(
      "SUM",
      [
        saleMetric("payment.failed", "checkout", "Sum", minuteSeconds),
        saleMetric("payment.failed", "event-reactor", "Sum", minuteSeconds),
        saleMetric("payment.failed", "expiry-sweeper", "Sum", minuteSeconds),
      ],
      minuteSeconds,
    ),
    above: Math.max(leastPaymentFailures, Math.round(capacity.checkoutsPerSecond * minuteSeconds * paymentFailureShare)),
    datapoints: 3,
    silence: "fine",
  },
  {
    heading: "WebhookRefused",
    priority: "P2",
    condition: "calls at the provider's webhook are refused for their signature and none is accepted",
    metric: formula(
      "IF(FILL(accepted, 0) == 0, FILL(refused, 0), 0)",
      {
        refused: saleMetric("webhook.refused", "checkout", "Sum", minuteSeconds),
        accepted: saleMetric("webhook.accepted", "checkout", "Sum", minuteSeconds),
      },
      minuteSeconds,
    ),
    above: fewForgedCalls,
    datapoints: 3,
    silence: "fine",
  },
]

function cacheHitRate(variant: string, priority: AlarmDefinition["priority"], percent: number): AlarmDefinition {
  return {
    heading: "CacheHitRateLow",
    variant,
    priority,
    condition: `fewer than ${percent} % of the reads behind the edge are answered by Redis`,
    metric: formula(
      `IF(FILL(hits, 0) + FILL(misses, 0) > ${fewLookups}, 100 * FILL(hits, 0) / (FILL(hits, 0) + FILL(misses, 0)), 100)`,
      {
        hits: saleMetric("availability.cache.hit", "availability", "Sum", minuteSeconds),
        misses: saleMetric("availability.cache.miss", "availability", "Sum", minuteSeconds),
      },
      minuteSeconds,
    ),
    below: percent,
    datapoints: 3,
    silence: "fine",
  }
}

function errorRate(variant: string, priority: AlarmDefinition["priority"], percent: number, apiId: string): AlarmDefinition {
  return {
    heading: "ErrorRateHigh",
    variant,
    priority,
    condition: `more than ${percent} % of the answers are server errors (5xx)`,
    metric: formula(
      `IF(requests > ${fewRequests}, 100 * FILL(errors, 0) / requests, 0)`,
      {
        requests: awsMetric("AWS/ApiGateway", "Count", { ApiId: apiId }, "Sum"),
        errors: awsMetric("AWS/ApiGateway", "5xx", { ApiId: apiId }, "Sum"),
      },
      minuteSeconds,
    ),
    above: percent,
    datapoints: 2,
    silence: "fine",
  }
}
