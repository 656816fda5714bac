import { Duration } from "aws-cdk-lib"
import {
  type AlarmBase,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch"
import { Construct } from "constructs"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { awsMetric, fastSeconds, formula, type MetricSpec, minuteSeconds, saleMetric } from "../alarms/metric-spec.ts"
import { brokerMetrics, type WatchedParts } from "../alarms/parts.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { cloudWatchMetric } from "./cloud-watch-metric.ts"

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
]

const isItOpen = ({ apiId }: SaleDashboardProps) => [
  graph(
    "Units leaving the stock a second",
    formula(
      "units / PERIOD(units)",
      { units: saleMetric("stock.depletion.rate", "batch-writer", "Sum", fastSeconds) },
      fastSeconds,
    ),
  ),
  graph(
    "Admission: refused, flagged, queued",
    saleMetric("admission.refused", "reserve", "Sum", fastSeconds),
    saleMetric("admission.suspected", "reserve", "Sum", fastSeconds),
    saleMetric("produce.rate", "reserve", "Sum", fastSeconds),
  ),
  graph("Requests at the origin", awsMetric("AWS/ApiGateway", "Count", { ApiId: apiId }, "Sum")),
]

const howDeepIsTheQueue = () => [
  graph("Requests waiting, per SKU", saleMetric("queue.depth", "expiry-sweeper", "Maximum", fastSeconds)),
  graph("Records waiting, per partition", saleMetric("kafka.consumer.lag", "expiry-sweeper", "Maximum", fastSeconds)),
  graph(
    "Wait, ms",
    saleMetric("queue.wait", "batch-writer", "p95", fastSeconds),
    saleMetric("queue.wait", "batch-writer", "p99", fastSeconds),
    saleMetric("queue.wait.estimated", "batch-writer", "p95", fastSeconds),
    saleMetric("queue.wait.error", "batch-writer", "p95", fastSeconds),
  ),
]

/** The consumer groups of the events: where each is, and whether it moves. */
const howFarAreTheStreams = () => [
  graph("Records a group has not processed, in the partition with the most", ...ofGroups("consumer.lag")),
  graph("Standstill of a group although records wait, ms", ...ofGroups("consumer.stalled")),
]

const ofGroups = (name: "consumer.lag" | "consumer.stalled") =>
  groupNames("reservationEvents").map((group) => saleMetric(name, "expiry-sweeper", "Maximum", fastSeconds, { group }))

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
    saleMetric("database.lock.wait", "batch-writer", "Average", fastSeconds),
  ),
  graph(
    "Late, and waiting because the writer cannot write, ms",
    saleMetric("writer.blocked", "batch-writer", "Maximum", fastSeconds),
    saleMetric("expiry.lag", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("relay.lag", "expiry-sweeper", "Maximum", fastSeconds),
    saleMetric("sku.failing", "expiry-sweeper", "Maximum", fastSeconds),
  ),
]

const whatDoShoppersSee = ({ stage, apiId }: SaleDashboardProps) => [
  graph(
    "p95, ms",
    saleMetric("reservation.decision.latency", "reserve", "p95", minuteSeconds),
    saleMetric("checkout.latency", "checkout", "p95", minuteSeconds),
    awsMetric("AWS/Lambda", "Duration", { FunctionName: functionNameOf(stage, "availability") }, "p95"),
  ),
  graph(
    "Errors",
    awsMetric("AWS/ApiGateway", "5xx", { ApiId: apiId }, "Sum"),
    awsMetric("AWS/ApiGateway", "4xx", { ApiId: apiId }, "Sum"),
  ),
  graph(
    "Cache and payments",
    saleMetric("availability.cache.hit", "availability", "Sum", minuteSeconds),
    saleMetric("availability.cache.miss", "availability", "Sum", minuteSeconds),
    saleMetric("redis.away", "reserve", "Sum", minuteSeconds),
    saleMetric("payment.declined", "checkout", "Sum", minuteSeconds),
    saleMetric("payment.failed", "checkout", "Sum", minuteSeconds),
    saleMetric("webhook.accepted", "checkout", "Sum", minuteSeconds),
    saleMetric("webhook.refused", "checkout", "Sum", minuteSeconds),
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
    graph("Kafka", ...brokerMetrics(stage.kafka, parts.clusterName, "BytesInPerSec", "Average")),
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

const values = (title: string, ...metrics: MetricSpec[]) =>
  new SingleValueWidget({ title, metrics: metrics.map(cloudWatchMetric), width: 8, height: 4 })
const graph = (title: string, ...left: MetricSpec[]) =>
  new GraphWidget({ title, left: left.map(cloudWatchMetric), width: 8, height: 6 })
