import { edgeAlarms } from "../alarms/edge.ts"
import { isFormula, type MetricSpec, minuteSeconds, type OneMetric } from "../alarms/metric-spec.ts"
import { stageAlarms } from "../alarms/stage-alarms.ts"
import type { StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { prices } from "./prices.ts"

const hoursPerMonth = 730

/**
 * Metrics of our own that are reported when nothing is sold: by the sweeper of the queue, of each partition and group, and by
 * the report of the figures. CloudWatch bills a metric for the hours in which it is reported.
 */
const idleMetrics = 45
/** And during a sale: reasons, calls and their latencies, and those of a few SKUs in motion. */
const saleMetrics = 300
/** What MSK adds for each broker at the level PER_BROKER: docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html. */
const metricsPerBroker = 34

/** Keys: logs and disks of the brokers, database, cache, secrets, archive; topics of the alarms in two regions. */
export const keysPerStage = 7
/** Logins of the database's roles and of its owner, the cache's token, five of the functions and the edge's copy of one. */
export const secretsPerStage = 14
/** Rules of the firewall; Bot Control brings three more. */
export const firewallRules = { always: 15, withBotControl: 3 } as const
/** The alarm that rolls the deployment of a function back reads three metrics; functions on managed instances have none. */
const metricsPerDeployAlarm = 3
const deployedStepByStep = 10
export const deployAlarmMetrics = ({ reserve }: StageConfig): number =>
  metricsPerDeployAlarm * (deployedStepByStep + (reserve.kind === "functions" ? 1 : 0))

const metricsIn = (spec: MetricSpec): readonly OneMetric[] =>
  isFormula(spec) ? Object.values(spec.metrics).flatMap(metricsIn) : [spec]

/** The alarms of a stage as CloudWatch bills them: by the metric, by the period, and composites apart. */
export function billedAlarms(stage: StageConfig): { readonly fast: number; readonly slow: number; readonly composites: number } {
  const members = Array.from({ length: 1 + stage.cache.replicas }, (_, index) => String(index))
  const replicas = Array.from({ length: stage.database.analyticsReplicas }, (_, index) => String(index))
  const parts = { clusterName: "", databaseIdentifier: "", cacheMembers: members, replicaIdentifiers: replicas }
  const alarms = [...stageAlarms(stage, { apiId: "", parts }), ...edgeAlarms("")]
  const metrics = alarms.flatMap(({ metric }) => {
    const distinct = new Set(metricsIn(metric).map((one) => JSON.stringify(one)))
    return Array.from(distinct, () => metric.seconds < minuteSeconds)
  })
  const causes = alarms.flatMap(({ suppressedBy }) => (suppressedBy === undefined ? [] : [suppressedBy]))
  const shared = new Set(causes.filter(({ length }) => length > 1).map((names) => names.join(" ")))
  const fast = metrics.filter((isFast) => isFast).length
  // One composite is the alarm on all deployments.
  return { fast, slow: metrics.length - fast + deployAlarmMetrics(stage), composites: causes.length + shared.size + 1 }
}

/** What watches and guards a stage by the month: metrics, alarms, the firewall's rules, keys and secrets. */
export function watchLines(stage: StageConfig, hours: number, selling: boolean): readonly CostLine[] {
  const months = hours / hoursPerMonth
  const alarms = billedAlarms(stage)
  const brokers = stage.availabilityZones.length * stage.kafka.brokersPerZone
  const ofBrokers = stage.trial === true ? 0 : brokers * metricsPerBroker
  const own = selling ? saleMetrics : idleMetrics
  const rules = firewallRules.always + (stage.edge.botControl ? firewallRules.withBotControl : 0)
  const line = (component: string, usdPerMonth: number, basis: string): CostLine => ({
    component,
    usd: months * usdPerMonth,
    basis: `${basis} for ${hours.toFixed(2)} h`,
  })
  return [
    line("Metrics", (own + ofBrokers) * prices.metrics.usd + prices.dashboards.usd, `${own} of ours, ${ofBrokers} of brokers`),
    line(
      "Alarms",
      alarms.fast * prices.fastAlarms.usd + alarms.slow * prices.alarms.usd + alarms.composites * prices.compositeAlarms.usd,
      `${alarms.fast} metrics every 10 s, ${alarms.slow} every minute, ${alarms.composites} composites`,
    ),
    line(
      "Firewall's rules",
      prices.wafAcl.usd + rules * prices.wafRule.usd + (stage.edge.botControl ? prices.wafBotControlGroup.usd : 0),
      `${rules} rules`,
    ),
    line(
      "Keys and secrets",
      keysPerStage * prices.keys.usd + secretsPerStage * prices.secrets.usd,
      `${keysPerStage} keys, ${secretsPerStage} secrets`,
    ),
  ]
}
