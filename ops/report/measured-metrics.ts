import type { MetricName } from "../../core/contracts/metrics.ts"
import { deployedFunctionName } from "../../core/contracts/ops.ts"
import type { ProblemSlug } from "../../core/contracts/problems.ts"
import type { AdmissionRefusal } from "../../core/domain/admission.ts"
import { signalWeights } from "../../core/domain/suspicion.ts"
import { awsMetric, type OneMetric, type Statistic, saleMetric } from "../../lib/alarms/metric-spec.ts"
import type { FunctionName } from "../../lib/config.ts"

/** Functions that answer requests over HTTP. */
export const endpointFunctions = [
  ...(["reserve", "reserve-batch", "reservation", "availability", "catalogue", "checkout", "orders"] as const),
  ...(["admin", "documents", "health", "not-found"] as const),
] as const satisfies readonly FunctionName[]
export type EndpointFunction = (typeof endpointFunctions)[number]

/** The time that a function measures itself. For the others AWS measures how long a call takes. */
export const ownLatencies: Readonly<Partial<Record<FunctionName, { readonly metric: MetricName; readonly of: string }>>> = {
  reserve: { metric: "reservation.decision.latency", of: "request to decision" },
  availability: { metric: "availability.latency", of: "read of the stock behind the edge" },
  checkout: { metric: "checkout.latency", of: "request to answer, with the payment provider" },
}

/** Every reason of admission for a refusal. */
export const admissionRefusals = [
  ...(["rate-limited", "sold-out", "sale-not-open", "sale-closed", "sale-halted"] as const),
  ...(["idempotency-key-reused", "temporarily-unavailable"] as const),
] as const satisfies readonly AdmissionRefusal[]
/** As the rate limiter applied them; `none` where no token was checked. */
export const appliedTiers = ["1", "2", "3", "4", "none"] as const
const claimedTiers = ["2", "3", "4"] as const
/** Problems that count as errors: their status is 500 or above. */
export const errorProblems = [
  ...(["internal-error", "temporarily-unavailable", "outcome-unknown", "sale-halted"] as const),
] as const satisfies readonly ProblemSlug[]

const admitting = ["reserve", "reserve-batch"] as const
const paying = ["checkout", "event-reactor", "expiry-sweeper"] as const
const usingRedis = ["reserve", "reservation", "availability", "batch-writer", "checkout", "expiry-sweeper"] as const

/** One metric of the report, with what the figures need to find it again. */
export interface Asked {
  readonly metric: OneMetric
  readonly figure: string
  readonly labels: Readonly<Record<string, string>>
}

const period = 60
const asked = (
  figure: string,
  name: MetricName,
  service: FunctionName,
  statistic: Statistic,
  labels: Readonly<Record<string, string>> = {},
): Asked => ({ figure, labels: { service, ...labels }, metric: saleMetric(name, service, statistic, period, labels) })

/** @param stageName a deployed stage, whose functions AWS measures as well */
export function askedMetrics(stageName: string | undefined): readonly Asked[] {
  return [
    ...endpointFunctions.flatMap((service) => endpointMetrics(service, stageName)),
    asked("hits", "availability.cache.hit", "availability", "Sum"),
    asked("misses", "availability.cache.miss", "availability", "Sum"),
    ...admitting.flatMap((service) => [
      asked("flagged", "admission.suspected", service, "Sum"),
      ...admissionRefusals.flatMap((reason) =>
        appliedTiers.map((tier) => asked("refused", "admission.refused", service, "Sum", { reason, tier })),
      ),
      ...Object.keys(signalWeights).flatMap((reason) =>
        claimedTiers.map((tier) => asked("signal", "admission.suspected", service, "Sum", { reason, tier })),
      ),
    ]),
    asked("depth", "queue.depth", "expiry-sweeper", "Maximum"),
    asked("wait p95", "queue.wait", "batch-writer", "p95"),
    asked("wait", "queue.wait", "batch-writer", "Maximum"),
    asked("decided", "batch.processed", "batch-writer", "Sum"),
    ...stages.map(({ figure, name, service, statistic }) => asked(figure, name, service, statistic)),
    asked("quarantine", "quarantine.count", "batch-writer", "Sum"),
    ...admitting.map((service) => asked("produce errors", "produce.errors", service, "Sum")),
    ...paying.map((service) => asked("payment failed", "payment.failed", service, "Sum")),
    ...usingRedis.map((service) => asked("redis away", "redis.away", service, "Sum")),
  ]
}

function endpointMetrics(service: EndpointFunction, stageName: string | undefined): readonly Asked[] {
  const own = ownLatencies[service]
  const latency = (statistic: "p95" | "p99"): readonly Asked[] => {
    if (own !== undefined) return [asked(statistic, own.metric, service, statistic)]
    if (stageName === undefined) return []
    const dimensions = { FunctionName: deployedFunctionName(stageName, service) }
    return [{ figure: statistic, labels: { service }, metric: awsMetric("AWS/Lambda", "Duration", dimensions, statistic) }]
  }
  return [
    asked("requests", "request.rate", service, "Sum"),
    asked("errors", "error.rate", service, "Sum"),
    ...errorProblems.map((problem) => asked("problem", "error.rate", service, "Sum", { problem })),
    ...latency("p95"),
    ...latency("p99"),
  ]
}

/** A stage of a reservation, and the level above which it holds up those before it. */
export interface ReservationStage {
  readonly figure: string
  readonly name: MetricName
  readonly service: FunctionName
  readonly statistic: Statistic
  readonly level: number
  readonly text: string
}

/** In the order of a request. The levels are those of the alarms where there is one. */
export const stages: readonly ReservationStage[] = [
  {
    ...{ figure: "stage admit", name: "admit.latency", service: "reserve", statistic: "p95", level: 50 },
    text: "admission (Redis), p95 above 50 ms",
  },
  {
    ...{ figure: "stage produce", name: "produce.latency", service: "reserve", statistic: "p95", level: 100 },
    text: "the send to Kafka, p95 above 100 ms",
  },
  {
    ...{ figure: "stage queue", name: "queue.wait", service: "batch-writer", statistic: "p95", level: 2_000 },
    text: "the queue before the writer, p95 above 2 s",
  },
  {
    ...{ figure: "stage lock", name: "database.lock.wait", service: "batch-writer", statistic: "Average", level: 50 },
    text: "the writer's wait for its locks, 50 ms on average",
  },
  {
    ...{ figure: "stage database", name: "database.latency", service: "batch-writer", statistic: "p99", level: 200 },
    text: "transactions in PostgreSQL, p99 above 200 ms",
  },
  {
    ...{ figure: "stage checkout", name: "checkout.latency", service: "checkout", statistic: "p95", level: 450 },
    text: "checkout with the payment provider, p95 above 450 ms",
  },
]
