import { type MetricName, wholeApi } from "../../core/contracts/metrics.ts"
import type { FunctionName } from "../config.ts"
import { databaseIsSlow, kafkaRefuses, providerIsSlow, redisIsAway, writerStands } from "./causes.ts"
import type { AlarmDefinition } from "./definition.ts"
import { latencyAlarms } from "./latency.ts"
import { across, awsMetric, fastSeconds, formula, type MetricSpec, minuteSeconds, saleMetric, shareOf } from "./metric-spec.ts"

/** With fewer lookups in a period a hit rate says nothing. */
const fewLookups = 100
/** With fewer requests in a period, and fewer errors, an error rate says nothing. */
const fewRequests = { all: 50, part: 5 }
/** With fewer requests in a minute the gateway's error rate says nothing. */
const fewRequestsInMinute = 100
/** With more refused calls in a minute it is not an accident. */
const fewForgedCalls = 10
/** A pause of one process makes a smaller share of all calls continue without Redis; an outage of Redis makes all of them. */
const callsWithoutRedisPercent = 20
const fewRedisCalls = { all: 20, part: 20 }
/** Share of the calls to the provider that may fail. */
const paymentFailurePercent = 5
const fewPaymentCalls = { all: 20, part: 5 }
/** Share of the requests at admission that the rate limiter may refuse. People try again a few times, scripts without end. */
const limitedPercent = 50
const fewAdmissions = { all: 100, part: 50 }

/** The sums of one metric, of each of these functions. */
const inFunctions = (name: MetricName, services: readonly FunctionName[]): MetricSpec[] =>
  services.map((service) => saleMetric(name, service, "Sum", fastSeconds))

/** The share of one count in another, over several functions together. */
function sharedOut(
  of: { readonly part: MetricName; readonly all: MetricName },
  services: readonly FunctionName[],
  least: { readonly part: number; readonly all: number },
): MetricSpec {
  const named = (prefix: string, name: MetricName) =>
    Object.fromEntries(inFunctions(name, services).map((metric, index) => [`${prefix}${index + 1}`, metric]))
  const [parts, all] = [named("p", of.part), named("a", of.all)]
  const sum = (metrics: object) =>
    `SUM([${Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(", ")}])`
  const [part, whole] = [sum(parts), sum(all)]
  return formula(
    `IF(${whole} >= ${least.all} AND ${part} >= ${least.part}, 100 * ${part} / ${whole}, 0)`,
    { ...parts, ...all },
    fastSeconds,
  )
}

/** Alarms on what shoppers see: latencies, errors, the cache behind the edge, payments. */
export const shopperAlarms = (apiId: string): AlarmDefinition[] => [
  ...latencyAlarms,
  cacheHitRate("warn", "P2", 95),
  cacheHitRate("page", "P1", 80),
  ...errorAlarms(apiId),
  ...queueingAlarms,
  botFlood,
  ...checkoutAlarms,
]

/** Alarms on requests that Kafka or Redis does not take. */
const queueingAlarms: readonly AlarmDefinition[] = [
  {
    heading: "ProduceErrors",
    priority: "P1",
    condition: "requests could not be queued, or it is unknown whether they were; a full producer counts, too",
    metric: across("SUM", inFunctions("produce.errors", ["reserve", "reserve-batch"]), fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "RedisAway",
    priority: "P1",
    condition: `more than ${callsWithoutRedisPercent} % of the calls to Redis continue without it: it does not answer, or accepts no writes`,
    metric: sharedOut(
      { part: "redis.away", all: "redis.asked" },
      ["reserve", "reservation", "availability", "batch-writer"],
      fewRedisCalls,
    ),
    above: callsWithoutRedisPercent,
    datapoints: 1,
    silence: "fine",
  },
]

/**
 * Scripts that the edge let pass. They are refused in admission before they cost anything, so that nobody has to get up; but the
 * limits may have to be tightened.
 */
const botFlood: AlarmDefinition = {
  heading: "BotFlood",
  priority: "P2",
  condition: `more than ${limitedPercent} % of the requests at admission are refused by the rate limiter: scripts send without end`,
  metric: formula(
    shareOf({ part: "limited", all: "judged" }, fewAdmissions),
    {
      judged: saleMetric("admission.judged", "reserve", "Sum", fastSeconds),
      limited: saleMetric("admission.limited", "reserve", "Sum", fastSeconds),
    },
    fastSeconds,
  ),
  above: limitedPercent,
  datapoints: 2,
  silence: "fine",
}

const checkoutAlarms: readonly AlarmDefinition[] = [
  {
    heading: "PaymentFailure",
    priority: "P2",
    condition: `more than ${paymentFailurePercent} % of the calls to the payment provider fail; declines are not failures`,
    metric: sharedOut(
      { part: "payment.failed", all: "payment.attempted" },
      ["checkout", "event-reactor", "expiry-sweeper"],
      fewPaymentCalls,
    ),
    above: paymentFailurePercent,
    datapoints: 2,
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
    condition: `fewer than ${percent} % of the reads behind the edge are answered by Redis while it answers`,
    metric: formula(
      `IF(FILL(hits, 0) + FILL(misses, 0) > ${fewLookups}, 100 * FILL(hits, 0) / (FILL(hits, 0) + FILL(misses, 0)), 100)`,
      {
        hits: saleMetric("availability.cache.hit", "availability", "Sum", fastSeconds),
        misses: saleMetric("availability.cache.miss", "availability", "Sum", fastSeconds),
      },
      fastSeconds,
    ),
    below: percent,
    datapoints: 2,
    silence: "fine",
  }
}

/** Faults with a page of their own, in which answers of 5xx are a symptom. */
const causesOfErrors = [...writerStands, databaseIsSlow, redisIsAway, kafkaRefuses, providerIsSlow]

const errorAlarms = (apiId: string): AlarmDefinition[] => [
  { ...errorRate(0.1), variant: "warn", priority: "P2", datapoints: 3 },
  { ...errorRate(1), variant: "page", priority: "P1", datapoints: 1, suppressedBy: causesOfErrors },
  {
    heading: "ErrorRateHigh",
    variant: "gateway",
    priority: "P1",
    condition: "more than 1 % of the gateway's answers are server errors (5xx), those that no function knows of included",
    metric: formula(
      `IF(requests > ${fewRequestsInMinute}, 100 * FILL(errors, 0) / requests, 0)`,
      {
        requests: awsMetric("AWS/ApiGateway", "Count", { ApiId: apiId }, "Sum"),
        errors: awsMetric("AWS/ApiGateway", "5xx", { ApiId: apiId }, "Sum"),
      },
      minuteSeconds,
    ),
    above: 1,
    datapoints: 2,
    silence: "fine",
    slowBecause: "the gateway reports once a minute; what a function answers is seen by the alarm `page`",
    suppressedBy: [...causesOfErrors, "ErrorRateHigh-page"],
  },
]

/** The share of server errors among the answers of all functions behind the API. */
const errorRate = (percent: number) =>
  ({
    heading: "ErrorRateHigh",
    condition: `more than ${percent} % of the answers are server errors (5xx)`,
    metric: formula(
      shareOf({ part: "errors", all: "requests" }, fewRequests),
      {
        requests: saleMetric("request.rate", wholeApi, "Sum", fastSeconds),
        errors: saleMetric("error.rate", wholeApi, "Sum", fastSeconds),
      },
      fastSeconds,
    ),
    above: percent,
    silence: "fine",
  }) as const
