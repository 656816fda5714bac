import { Duration } from "aws-cdk-lib"
import { type AlarmBase, AlarmStatusWidget, Dashboard, type IWidget, TextWidget } from "aws-cdk-lib/aws-cloudwatch"
import { Construct } from "constructs"
import { saleModeValues, saleStatusValues, wholeApi } from "../../core/contracts/metrics.ts"
import { topics } from "../../core/contracts/topics.ts"
import { awsMetric, fastSeconds, formula, minuteSeconds, saleMetric } from "../alarms/metric-spec.ts"
import { brokerMetrics, type WatchedParts } from "../alarms/parts.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { howFarAreTheStreams } from "./dashboard-streams.ts"
import { graph, ofEverySku, searched, values } from "./dashboard-widgets.ts"

interface SaleDashboardProps {
  readonly stage: StageConfig
  readonly apiId: string
  readonly parts: WatchedParts
  readonly alarms: readonly AlarmBase[]
}

const fullWidth = 24

/**
 * One dashboard, in the order of an operator's questions: is the sale oversold, is it open, how deep is the queue, how fast is
 * the writer, what do shoppers see, how far are the streams, how are the parts?
 */
export class SaleDashboard extends Construct {
  constructor(scope: Construct, id: string, props: SaleDashboardProps) {
    super(scope, id)
    const dashboard = new Dashboard(this, "Sale", {
      dashboardName: `flash-sale-${props.stage.name}`,
      defaultInterval: Duration.minutes(30),
    })
    dashboard.addWidgets(new AlarmStatusWidget({ title: "Alarms", alarms: [...props.alarms], width: fullWidth, height: 4 }))
    for (const [question, widgets] of questions(props)) {
      dashboard.addWidgets(new TextWidget({ markdown: `## ${question}`, width: fullWidth, height: 1 }))
      dashboard.addWidgets(...widgets)
    }
  }
}

const questions = (props: SaleDashboardProps): [string, IWidget[]][] => [
  ["Is it oversold?", isItOversold()],
  ["Is it open?", isItOpen(props)],
  ["How deep is the queue?", howDeepIsTheQueue()],
  ["How fast is the writer?", howFastIsTheWriter()],
  ["What do shoppers see?", whatDoShoppersSee(props)],
  ["How far are the streams?", howFarAreTheStreams()],
  ["How are the parts?", howAreTheParts(props)],
]

const isItOversold = () => [
  values("Units that do not exist", saleMetric("inventory.oversell", "expiry-sweeper", "Maximum", fastSeconds)),
  values("Units nobody can buy", saleMetric("inventory.undersell", "expiry-sweeper", "Maximum", fastSeconds)),
  values("Partitions stopped", saleMetric("offsets.disagree", "batch-writer", "Sum", fastSeconds)),
  values("Requests served out of turn", saleMetric("fairness.inversions", "batch-writer", "Sum", fastSeconds)),
]

const named = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${value} ${name}`)
    .join(", ")

const isItOpen = ({ apiId }: SaleDashboardProps) => [
  searched(`Status of each sale: ${named(saleStatusValues)}`, ofEverySku("sale.status", "expiry-sweeper", "Maximum")),
  searched(`Mode of each sale: ${named(saleModeValues)}`, ofEverySku("sale.mode", "expiry-sweeper", "Maximum")),
  searched("Units left, of each open sale", ofEverySku("stock.available", "expiry-sweeper", "Minimum")),
  graph(
    "Units leaving the stock a second",
    formula(
      "units / PERIOD(units)",
      { units: saleMetric("stock.depletion.rate", "batch-writer", "Sum", fastSeconds) },
      fastSeconds,
    ),
  ),
  graph(
    "Admission: judged, refused, refused by the rate limiter, flagged, queued",
    saleMetric("admission.judged", "reserve", "Sum", fastSeconds),
    saleMetric("admission.refused", "reserve", "Sum", fastSeconds),
    saleMetric("admission.limited", "reserve", "Sum", fastSeconds),
    saleMetric("admission.suspected", "reserve", "Sum", fastSeconds),
    saleMetric("produce.rate", "reserve", "Sum", fastSeconds),
    saleMetric("produce.rate", "reserve-batch", "Sum", fastSeconds),
  ),
  graph(
    "Requests and errors at the origin",
    saleMetric("request.rate", wholeApi, "Sum", fastSeconds),
    saleMetric("error.rate", wholeApi, "Sum", fastSeconds),
    awsMetric("AWS/ApiGateway", "Count", { ApiId: apiId }, "Sum"),
  ),
]

const partitions = Array.from({ length: topics.reservationRequests.partitions }, (_, index) => String(index))

const howDeepIsTheQueue = () => [
  graph("Requests waiting, in the partition with the most", saleMetric("queue.depth", "expiry-sweeper", "Maximum", fastSeconds)),
  searched("Requests waiting, of each SKU", ofEverySku("queue.depth", "expiry-sweeper", "Maximum")),
  graph(
    "Records waiting, of each partition",
    saleMetric("kafka.consumer.lag", "expiry-sweeper", "Maximum", fastSeconds),
    ...partitions.map((partition) => saleMetric("kafka.consumer.lag", "expiry-sweeper", "Maximum", fastSeconds, { partition })),
  ),
  graph(
    "Standstill of a partition although records wait, ms",
    saleMetric("queue.stalled", "expiry-sweeper", "Maximum", fastSeconds),
  ),
  graph(
    "Wait, ms",
    saleMetric("queue.wait", "batch-writer", "p95", fastSeconds),
    saleMetric("queue.wait", "batch-writer", "p99", fastSeconds),
    saleMetric("queue.wait.estimated", "batch-writer", "p95", fastSeconds),
    saleMetric("queue.wait.error", "batch-writer", "p95", fastSeconds),
  ),
]

const howFastIsTheWriter = () => [
  graph(
    "Decisions a second",
    formula(
      "decided / PERIOD(decided)",
      { decided: saleMetric("batch.processed", "batch-writer", "Sum", fastSeconds) },
      fastSeconds,
    ),
  ),
  graph(
    "Transaction, ms",
    saleMetric("batch.latency", "batch-writer", "p95", fastSeconds),
    saleMetric("batch.latency", "batch-writer", "p99", fastSeconds),
    saleMetric("batch.size", "batch-writer", "Average", fastSeconds),
  ),
  graph("Requests given units, %", saleMetric("batch.allocation.rate", "batch-writer", "Average", fastSeconds)),
  graph(
    "Until the locks are held, ms",
    saleMetric("database.lock.wait", "batch-writer", "Average", fastSeconds),
    saleMetric("database.lock.wait", "checkout", "Average", fastSeconds),
  ),
  graph(
    "Transactions, and those above 200 ms",
    ...(["batch-writer", "checkout", "expiry-sweeper"] as const).flatMap((service) => [
      saleMetric("database.timed", service, "Sum", fastSeconds),
      saleMetric("database.slow", service, "Sum", fastSeconds),
    ]),
    saleMetric("database.latency", "batch-writer", "p99", fastSeconds),
  ),
  graph(
    "From the commit until Redis shows it, ms (below 10)",
    saleMetric("cache.invalidation.latency", "batch-writer", "p95", fastSeconds),
    saleMetric("cache.invalidation.latency", "batch-writer", "p99", fastSeconds),
  ),
  graph(
    "Late, and waiting because the writer cannot write, ms",
    saleMetric("writer.blocked", "batch-writer", "Maximum", fastSeconds),
    saleMetric("expiry.lag", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("relay.lag", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("sku.failing", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("sku.failed", "expiry-sweeper", "Sum", fastSeconds),
  ),
]

const whatDoShoppersSee = ({ apiId }: SaleDashboardProps) => [
  graph(
    "Limits of admission (1: tight), and reads of PostgreSQL a second",
    saleMetric("admission.tight", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("database.read.rate", "expiry-sweeper", "Maximum", fastSeconds),
  ),
  graph(
    "p95, ms",
    saleMetric("reservation.decision.latency", "reserve", "p95", fastSeconds),
    saleMetric("availability.latency", "availability", "p95", fastSeconds),
    saleMetric("checkout.latency", "checkout", "p95", fastSeconds),
    saleMetric("admit.latency", "reserve", "p95", fastSeconds),
    saleMetric("produce.latency", "reserve", "p95", fastSeconds),
    saleMetric("cache.latency", "availability", "p95", fastSeconds),
  ),
  graph(
    "Calls, and those above the limit of their alarm",
    saleMetric("reservation.answer.timed", "reserve", "Sum", fastSeconds),
    saleMetric("reservation.answer.slow", "reserve", "Sum", fastSeconds),
    saleMetric("reservation.decided.slow", "batch-writer", "Sum", fastSeconds),
    saleMetric("availability.timed", "availability", "Sum", fastSeconds),
    saleMetric("availability.slow", "availability", "Sum", fastSeconds),
    saleMetric("checkout.timed", "checkout", "Sum", fastSeconds),
    saleMetric("checkout.slow", "checkout", "Sum", fastSeconds),
  ),
  graph(
    "Errors at the gateway",
    awsMetric("AWS/ApiGateway", "5xx", { ApiId: apiId }, "Sum"),
    awsMetric("AWS/ApiGateway", "4xx", { ApiId: apiId }, "Sum"),
  ),
  graph(
    "Cache",
    saleMetric("availability.cache.hit", "availability", "Sum", fastSeconds),
    saleMetric("availability.cache.miss", "availability", "Sum", fastSeconds),
    ...(["reserve", "reservation", "availability", "batch-writer"] as const).flatMap((service) => [
      saleMetric("redis.asked", service, "Sum", fastSeconds),
      saleMetric("redis.away", service, "Sum", fastSeconds),
    ]),
  ),
  graph(
    "Payments",
    saleMetric("payment.attempted", "checkout", "Sum", fastSeconds),
    saleMetric("payment.failed", "checkout", "Sum", fastSeconds),
    saleMetric("payment.declined", "checkout", "Sum", fastSeconds),
    saleMetric("webhook.accepted", "checkout", "Sum", fastSeconds),
    saleMetric("webhook.refused", "checkout", "Sum", fastSeconds),
  ),
  graph(
    "Payments refused, and set aside",
    saleMetric("payment.misconfigured", "checkout", "Sum", minuteSeconds),
    saleMetric("payment.set-aside", "expiry-sweeper", "Maximum", minuteSeconds),
    saleMetric("refund.failed", "checkout", "Sum", minuteSeconds),
    saleMetric("payment.disputed", "checkout", "Sum", minuteSeconds),
  ),
  graph("Wait for the payment provider, ms", saleMetric("payment.wait", "checkout", "p95", minuteSeconds)),
]

const howAreTheParts = ({ stage, parts }: SaleDashboardProps) => {
  const database = { DBInstanceIdentifier: parts.databaseIdentifier }
  return [
    graph(
      "PostgreSQL",
      awsMetric("AWS/RDS", "CPUUtilization", database, "Average"),
      awsMetric("AWS/RDS", "DatabaseConnections", database, "Maximum"),
    ),
    graph("Kafka", ...brokerMetrics(stage, parts.clusterName, "BytesInPerSec", "Average")),
    graph(
      "Redis memory, %",
      ...parts.cacheMembers.map((member) =>
        awsMetric("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", { CacheClusterId: member }, "Maximum"),
      ),
    ),
    graph(
      "Functions throttled by their concurrency",
      ...(["reserve", "availability", "reservation", "checkout", "batch-writer"] as const).map((name) =>
        awsMetric("AWS/Lambda", "Throttles", { FunctionName: functionNameOf(stage, name) }, "Sum"),
      ),
    ),
  ]
}
