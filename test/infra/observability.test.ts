import { readFileSync } from "node:fs"
import { App } from "aws-cdk-lib"
import { Match, Template } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { metricUnits, wholeApi } from "../../core/contracts/metrics.ts"
import { alarmName, longestToPageSeconds, secondsToPage } from "../../lib/alarms/definition.ts"
import { edgeAlarms } from "../../lib/alarms/edge.ts"
import { recoveryAlarms } from "../../lib/alarms/recovery.ts"
import { stageAlarms } from "../../lib/alarms/stage-alarms.ts"
import { functionNames } from "../../lib/config.ts"
import { EdgeObservabilityStack, ObservabilityStack } from "../../lib/stacks/observability.ts"
import { stages } from "../../lib/stages.ts"
import { watchedMetrics } from "./watched-metrics.ts"

interface MetricQuery {
  Expression?: string
  Period?: number
  MetricStat?: { Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] }; Period: number; Stat: string }
}
interface Dimension {
  Name: string
  Value: string
}
interface AlarmProperties {
  AlarmName: string
  AlarmDescription: string
  AlarmActions: { Ref: string }[]
  OKActions: unknown[]
  Threshold: number
  ComparisonOperator: string
  EvaluationPeriods: number
  DatapointsToAlarm: number
  TreatMissingData: string
  Period?: number
  Namespace?: string
  MetricName?: string
  Statistic?: string
  ExtendedStatistic?: string
  Dimensions?: Dimension[]
  Metrics?: MetricQuery[]
}

const stage = { ...stages.prod, pipeline: { repository: "shop/flash-sale", branch: "main" } }
const template = Template.fromStack(
  new ObservabilityStack(new App(), "Observability", {
    env: { region: stage.region },
    stage,
    apiId: "api-1",
    parts: {
      clusterName: "sale",
      databaseIdentifier: "sale-db",
      cacheMembers: ["sale-001", "sale-002", "sale-003"],
      replicaIdentifiers: ["sale-replica"],
    },
    deployAlarmNames: ["flash-sale-prod-deploy-reserve"],
  }),
)
const edgeTemplate = Template.fromStack(
  new EdgeObservabilityStack(new App(), "EdgeObservability", { env: { region: "us-east-1" }, stage, distributionId: "DIST" }),
)
const alarmsOf = (from: Template): AlarmProperties[] =>
  Object.values(from.findResources("AWS::CloudWatch::Alarm")).map((resource) => resource.Properties as AlarmProperties)
const alarms = [...alarmsOf(template), ...alarmsOf(edgeTemplate)]
const shortName = ({ AlarmName }: AlarmProperties) => AlarmName.replace("flash-sale-prod-", "")
const alarm = (name: string): AlarmProperties => {
  const found = alarms.find((candidate) => shortName(candidate) === name)
  if (found === undefined) throw new Error(`There is no alarm ${name}`)
  return found
}
const periodOf = ({ Period, Metrics }: AlarmProperties) =>
  Period ?? Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period
const metricsOf = ({ Namespace, MetricName, Dimensions, Metrics = [] }: AlarmProperties) => [
  ...(Namespace && MetricName ? [{ Namespace, MetricName, Dimensions }] : []),
  ...Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])),
]

/** The alarm table of the operations standard: name, priority, threshold, period x datapoints, meaning of missing data. */
const table: [name: string, priority: string, threshold: number, period: number, datapoints: number, silence: string][] = [
  ["OversellDetected", "P0", 0, 10, 1, "notBreaching"],
  ["OffsetsDisagree", "P0", 0, 10, 1, "notBreaching"],
  ["WriterCannotWrite", "P0", 15_000, 10, 1, "notBreaching"],
  ["WriterCannotWrite-stalled", "P0", 10_000, 10, 1, "notBreaching"],
  ["WriterCannotWrite-pause", "P2", 3_000, 10, 1, "notBreaching"],
  ["QueueDepthCritical", "P0", 100_000, 10, 1, "notBreaching"],
  ["QueueDepthCritical-shedding-failed", "P0", 500_000, 10, 1, "notBreaching"],
  ["UndersellDetected", "P1", 0, 10, 1, "notBreaching"],
  ["ConsumerLagHigh", "P1", 10_000, 10, 3, "notBreaching"],
  ["ConsumerLagHigh-wait", "P1", 2_000, 10, 3, "notBreaching"],
  ["BatchLatencyHigh", "P2", 15, 60, 3, "notBreaching"],
  ["WriteLatencyHigh", "P1", 5, 10, 1, "notBreaching"],
  ["ReadLatencyHigh", "P1", 5, 10, 1, "notBreaching"],
  ["CheckoutLatencyHigh", "P1", 5, 10, 1, "notBreaching"],
  ["CacheHitRateLow-warn", "P2", 95, 10, 2, "notBreaching"],
  ["CacheHitRateLow-page", "P1", 80, 10, 2, "notBreaching"],
  ["ErrorRateHigh-warn", "P2", 0.1, 10, 3, "notBreaching"],
  ["ErrorRateHigh-page", "P1", 1, 10, 1, "notBreaching"],
  ["ErrorRateHigh-gateway", "P1", 1, 60, 2, "notBreaching"],
  ["RequestRateHigh", "P2", 300_000, 60, 1, "notBreaching"],
  ["DepletionRateOff-SKU-001", "P2", 20, 10, 2, "notBreaching"],
  ["DatabaseConnectionsHigh", "P2", 2_400, 60, 3, "notBreaching"],
  ["DatabaseLatencyHigh", "P2", 200, 60, 3, "notBreaching"],
  ["DatabaseLatencyHigh-page", "P1", 50, 10, 1, "notBreaching"],
  ["LockWaitHigh", "P2", 50, 10, 3, "notBreaching"],
  ["AnalyticsReplicaLate", "P2", 60, 60, 3, "breaching"],
  ["DatabaseStorageLow", "P2", 400 * 1024 ** 3 * 0.2, 60, 3, "notBreaching"],
  ["DatabaseCpuHigh", "P2", 80, 60, 3, "notBreaching"],
  ["UnderReplicatedOrThrottled", "P1", 0, 60, 2, "notBreaching"],
  ["IAMTooManyConnections", "P1", 0, 60, 1, "notBreaching"],
  ["BrokerNetworkHigh", "P1", 70, 60, 2, "notBreaching"],
  ["ProduceErrors", "P1", 0, 10, 1, "notBreaching"],
  ["QuarantineNotEmpty", "P2", 0, 60, 1, "notBreaching"],
  ["UnknownSchemaVersion", "P2", 0, 60, 1, "notBreaching"],
  ["SweepLate", "P1", 1, 10, 3, "breaching"],
  ["SweepLate-holds", "P1", 15_000, 10, 1, "notBreaching"],
  ["SkuTaskFailing", "P1", 60_000, 10, 1, "notBreaching"],
  ["RelayLate", "P1", 30_000, 10, 1, "notBreaching"],
  ["BotFlood", "P2", 50, 10, 2, "notBreaching"],
  ["PaymentFailure", "P2", 5, 10, 2, "notBreaching"],
  ["WebhookRefused", "P2", 10, 60, 3, "notBreaching"],
  ["RedisAway", "P1", 20, 10, 1, "notBreaching"],
  ["PaymentMisconfigured", "P1", 0, 10, 1, "notBreaching"],
  ["PaymentsSetAside", "P1", 600_000, 10, 3, "notBreaching"],
  ["RefundFailed", "P1", 0, 10, 1, "notBreaching"],
  ["PaymentDisputed", "P2", 0, 10, 1, "notBreaching"],
  ["NoticesLate", "P2", 900_000, 60, 3, "notBreaching"],
  ["NoticesUnknown", "P2", 0, 60, 1, "notBreaching"],
  ["MailBounceRateHigh", "P2", 0.03, 60, 1, "notBreaching"],
  ["MailComplaintRateHigh", "P1", 0.0005, 60, 1, "notBreaching"],
  ["RedisMemoryHigh", "P2", 75, 60, 3, "notBreaching"],
  ["RedisEvictions", "P2", 0, 60, 1, "notBreaching"],
  ["EventReactorLate", "P1", 10_000, 10, 3, "notBreaching"],
  ["EventReactorLate-stalled", "P1", 10_000, 10, 1, "notBreaching"],
  ["AnalyticsLate", "P2", 10_000, 10, 3, "notBreaching"],
  ["AnalyticsLate-stalled", "P2", 20_000, 10, 1, "notBreaching"],
  ["NotifierLate", "P2", 10_000, 10, 3, "notBreaching"],
  ["NotifierLate-stalled", "P2", 20_000, 10, 1, "notBreaching"],
  ["FulfilmentLate", "P2", 10_000, 10, 3, "notBreaching"],
  ["FulfilmentLate-stalled", "P2", 20_000, 10, 1, "notBreaching"],
  ["DeadLetters", "P2", 0, 60, 1, "notBreaching"],
  ["SecretRotationFailed", "P2", 0, 60, 1, "notBreaching"],
  ["ScheduleFailed", "P1", 0, 60, 1, "notBreaching"],
  ["WarmingFailed", "P1", 0, 60, 3, "breaching"],
  ["EnvironmentsUnconnected", "P1", 0, 10, 1, "notBreaching"],
  ["SignInTriggerFailing", "P1", 0, 60, 1, "notBreaching"],
  ["AnalyticsReportLate", "P2", 4, 60, 3, "breaching"],
  ["AnalyticsIncomplete", "P2", 0, 60, 1, "notBreaching"],
  ["EventTopicRecreated", "P1", 0, 10, 1, "notBreaching"],
  ["AlarmDrill-P0", "P0", 0, 60, 1, "notBreaching"],
  ["AlarmDrill-P1", "P1", 0, 60, 1, "notBreaching"],
  ["AlarmDrill-P2", "P2", 0, 60, 1, "notBreaching"],
]

test("the alarms are those of the table, with priority, threshold, period, datapoints and meaning of missing data", () => {
  const found = alarms.map((each) => [
    shortName(each),
    each.AlarmDescription.slice(0, 2),
    each.Threshold,
    periodOf(each),
    each.DatapointsToAlarm,
    each.TreatMissingData,
  ])
  expect(found.toSorted()).toEqual(table.map((row) => [...row]).toSorted())
  for (const { DatapointsToAlarm, EvaluationPeriods } of alarms) expect(DatapointsToAlarm).toBe(EvaluationPeriods)
})

/** An alarm's formula, if it has one, and its metrics. Our own metrics are without their namespace. */
const watched = ({ Namespace = "", MetricName = "", Statistic, ExtendedStatistic, Dimensions, Metrics }: AlarmProperties) => {
  const one = (namespace: string, name: string, statistic: string, dimensions: Dimension[] = []) =>
    [namespace, name, statistic, ...dimensions.map(({ Value }) => Value)].join(" ").replace("FlashSale ", "")
  if (Metrics === undefined) return [one(Namespace, MetricName, Statistic ?? ExtendedStatistic ?? "", Dimensions)]
  return Metrics.map(({ Expression, MetricStat: of }) =>
    of ? one(of.Metric.Namespace, of.Metric.MetricName, of.Stat, of.Metric.Dimensions) : Expression,
  )
}

test("every alarm reads the metric of its condition, from the function or the part that reports it", () => {
  for (const each of alarms) expect(watched(each), shortName(each)).toEqual(watchedMetrics[shortName(each)])
})

test("an alarm fires when its value is above its threshold; hit rates, free storage and sweeps when it is below", () => {
  const below = alarms.filter(({ ComparisonOperator }) => ComparisonOperator === "LessThanThreshold").map(shortName)
  expect(below.toSorted()).toEqual([
    ...["AlarmDrill-P0", "AlarmDrill-P1", "AlarmDrill-P2"],
    "AnalyticsReportLate",
    "CacheHitRateLow-page",
    "CacheHitRateLow-warn",
    "DatabaseStorageLow",
    "SweepLate",
  ])
  for (const each of alarms) expect(["GreaterThanThreshold", "LessThanThreshold"]).toContain(each.ComparisonOperator)
})

test("an alarm notifies the topic of its priority when it begins and when it ends, and each topic has its subscribers", () => {
  for (const each of [...alarms.filter((one) => !symptoms.has(shortName(one))), ...composites.filter(isPage), deployFailing()]) {
    const [action] = each.AlarmActions ?? []
    expect(action?.Ref).toContain(each.AlarmDescription.slice(0, 2))
    expect(each.OKActions).toEqual(each.AlarmActions)
  }
  template.resourceCountIs("AWS::SNS::Topic", 3)
  template.allResourcesProperties("AWS::SNS::Topic", { KmsMasterKeyId: Match.anyValue() })
  for (const address of Object.values(stage.alarmEmails).flat()) {
    template.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: address })
  }
})

interface CompositeProperties {
  AlarmName: string
  AlarmDescription: string
  AlarmRule: unknown
  AlarmActions?: { Ref: string }[]
  OKActions?: unknown[]
  ActionsSuppressor?: unknown
  ActionsSuppressorWaitPeriod?: number
  ActionsSuppressorExtensionPeriod?: number
}
const composites = Object.values(template.findResources("AWS::CloudWatch::CompositeAlarm")).map(
  ({ Properties }) => Properties as CompositeProperties,
)
const isPage = ({ AlarmName }: CompositeProperties) => AlarmName.endsWith(".page")
const symptoms = new Set(
  composites.filter(isPage).map(({ AlarmName }) => AlarmName.replace("flash-sale-prod-", "").replace(".page", "")),
)
const deployFailing = () => {
  const found = composites.find(({ AlarmName }) => AlarmName === "flash-sale-prod-DeployFailing")
  if (found === undefined) throw new Error("There is no alarm on deployments")
  return found
}
const definitions = [
  ...stageAlarms(stage, {
    apiId: "api-1",
    parts: { clusterName: "sale", databaseIdentifier: "sale-db", cacheMembers: ["sale-001"], replicaIdentifiers: ["replica"] },
  }),
  ...edgeAlarms("DIST"),
  ...recoveryAlarms({ databaseIdentifier: "standby", replicatorName: "replicator" }),
]

test("a symptom is silent while one of its causes is in alarm: it notifies through a composite alarm only", () => {
  const withCauses = definitions.filter(({ suppressedBy }) => suppressedBy !== undefined)
  expect([...symptoms].toSorted()).toEqual(withCauses.map(alarmName).toSorted())
  for (const each of alarms.filter((one) => symptoms.has(shortName(one))))
    expect(each.AlarmActions, shortName(each)).toBeUndefined()
  for (const page of composites.filter(isPage)) {
    expect(page.ActionsSuppressor, page.AlarmName).toBeDefined()
    expect([page.ActionsSuppressorWaitPeriod, page.ActionsSuppressorExtensionPeriod]).toEqual([10, 60])
  }
})

test("no alarm is silent because of itself, of a symptom of it, or of an alarm that does not exist", () => {
  const byName = new Map(definitions.map((each) => [alarmName(each), each]))
  const causesOf = (name: string): readonly string[] => {
    const direct = byName.get(name)?.suppressedBy ?? []
    return [...direct, ...direct.flatMap(causesOf)]
  }
  for (const [name, { suppressedBy = [], priority }] of byName) {
    for (const cause of suppressedBy) {
      expect(byName.has(cause), `${name} names ${cause}`).toBe(true)
      // A cause that nobody is called for must not hide a page. The pause is the beginning of a standstill, which is a P0.
      if (cause !== "WriterCannotWrite-pause") expect(byName.get(cause)?.priority, `${name}: ${cause}`).not.toBe("P2")
      if (priority === "P0") expect(byName.get(cause)?.priority, `${name}: ${cause}`).toBe("P0")
    }
    expect(causesOf(name)).not.toContain(name)
  }
})

test("a P0 or a P1 pages within 30 s of its fault, or says why it does not", () => {
  const slow = definitions.filter((each) => each.priority !== "P2" && secondsToPage(each) > longestToPageSeconds)
  for (const each of slow) expect(each.slowBecause, alarmName(each)).toBeDefined()
  for (const each of definitions) {
    if (each.slowBecause !== undefined) expect(slow.map(alarmName), "a reason that is not needed").toContain(alarmName(each))
  }
  const inTime = ["UndersellDetected", "WriterCannotWrite-stalled", "CheckoutLatencyHigh", "DatabaseLatencyHigh-page"]
  for (const name of [...inTime, "RedisAway", "ErrorRateHigh-page", "EventReactorLate-stalled", "WriteLatencyHigh"]) {
    const found = definitions.find((each) => alarmName(each) === name)
    expect(found && secondsToPage(found), name).toBeLessThanOrEqual(longestToPageSeconds)
  }
})

test("an alarm reads ten metrics at most, and its formula is short enough for CloudWatch", () => {
  for (const { Metrics = [], AlarmName } of alarms) {
    expect(Metrics.filter(({ MetricStat }) => MetricStat).length, AlarmName).toBeLessThanOrEqual(10)
    for (const { Expression = "" } of Metrics) expect(Expression.length, AlarmName).toBeLessThanOrEqual(1_024)
  }
})

test("CloudWatch may publish to every topic and encrypt for it: a topic with a policy of its own has no default policy", () => {
  const mayCloudWatch = (Action: string | string[]) =>
    Match.objectLike({
      Action,
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    })
  template.allResourcesProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        mayCloudWatch("sns:Publish"),
      ]),
    },
  })
  template.resourceCountIs("AWS::SNS::TopicPolicy", 3)
  template.hasResourceProperties("AWS::KMS::Key", {
    KeyPolicy: { Statement: Match.arrayWith([mayCloudWatch(["kms:Decrypt", "kms:GenerateDataKey*"])]) },
  })
})

test("an alarm's description ends with the URL of its heading in the runbook", () => {
  for (const each of alarms) {
    const heading = shortName(each).split("-")[0]?.toLowerCase()
    expect(each.AlarmDescription).toMatch(
      new RegExp(`Runbook: https://github.com/shop/flash-sale/blob/main/docs/RUNBOOK.md#${heading}$`),
    )
  }
})

test("every alarm's heading is in the runbook, with description, investigation and resolution", () => {
  const runbook = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8")
  const sections = new Map(
    runbook
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf("\n")).trim(), section]),
  )
  const headings = new Set(alarms.map((each) => shortName(each).split("-")[0] ?? ""))
  for (const heading of headings) {
    const section = sections.get(heading)
    expect(section, `docs/RUNBOOK.md lacks the heading ${heading}`).toBeDefined()
    for (const part of ["**Description.**", "**Investigation.**", "**Resolution.**"]) {
      expect(section, `${heading} lacks ${part}`).toContain(part)
    }
  }
})

test("the functions record every own metric that an alarm or a graph names, and every named function exists", () => {
  const body = JSON.stringify(template.findResources("AWS::CloudWatch::Dashboard"))
  const graphed = [...body.matchAll(/\\"FlashSale\\",\\"([\w.-]+)\\",\\"service\\",\\"([\w-]+)\\"/g)].map((match) => [
    match[1],
    match[2],
  ])
  const alarmed = alarms
    .flatMap(metricsOf)
    .filter(({ Namespace }) => Namespace === "FlashSale")
    .map(({ MetricName, Dimensions }) => [MetricName, Dimensions?.find(({ Name }) => Name === "service")?.Value])
  expect(graphed.length).toBeGreaterThan(10)
  for (const [metric, service] of [...graphed, ...alarmed]) {
    expect(Object.keys(metricUnits)).toContain(metric)
    expect([...functionNames, wholeApi]).toContain(service)
  }
})

test("alarms of ten seconds read our own metrics only: metrics of AWS come once a minute", () => {
  for (const each of alarms.filter((candidate) => periodOf(candidate) === 10)) {
    for (const { Namespace } of metricsOf(each)) expect(Namespace).toBe("FlashSale")
  }
})

test("CloudFront is watched from us-east-1, where it reports", () => {
  expect(alarmsOf(edgeTemplate).map(shortName)).toEqual(["RequestRateHigh"])
  expect(metricsOf(alarm("RequestRateHigh"))[0]).toMatchObject({ Namespace: "AWS/CloudFront", MetricName: "Requests" })
})

test("express brokers are watched for throttling and standard ones for missing replicas", () => {
  const { kafka } = stages.dev
  const standard = new ObservabilityStack(new App(), "Standard", {
    env: { region: stage.region },
    stage: { ...stage, kafka },
    apiId: "api-1",
    parts: { clusterName: "sale", databaseIdentifier: "sale-db", cacheMembers: ["sale-001"], replicaIdentifiers: [] },
    deployAlarmNames: ["flash-sale-prod-deploy-reserve"],
  })
  const found = alarmsOf(Template.fromStack(standard)).find(({ AlarmName }) => AlarmName.endsWith("UnderReplicatedOrThrottled"))
  expect(found && new Set(metricsOf(found).map(({ MetricName }) => MetricName))).toEqual(new Set(["UnderReplicatedPartitions"]))
  expect(new Set(metricsOf(alarm("UnderReplicatedOrThrottled")).map(({ MetricName }) => MetricName))).toEqual(
    new Set(["ProduceThrottleTime"]),
  )
})

test("the dashboard shows every broker, for any number in a zone", () => {
  const wide = { ...stage, kafka: { ...stage.kafka, brokersPerZone: 2 } }
  const body = JSON.stringify(
    Template.fromStack(
      new ObservabilityStack(new App(), "Wide", {
        env: { region: stage.region },
        stage: wide,
        apiId: "api-1",
        parts: { clusterName: "sale", databaseIdentifier: "sale-db", cacheMembers: ["sale-001"], replicaIdentifiers: [] },
        deployAlarmNames: ["flash-sale-prod-deploy-reserve"],
      }),
    ).findResources("AWS::CloudWatch::Dashboard"),
  )
  const shown = [...body.matchAll(/Broker ID\\+",\\+"(\d+)/g)].map(([, broker]) => broker)
  expect(shown).toEqual(["1", "2", "3", "4", "5", "6"])
})

test("the dashboard has the order of an operator's questions: oversold, open, queue, writer, shoppers, streams, parts", () => {
  const body = JSON.stringify(template.findResources("AWS::CloudWatch::Dashboard"))
  const questions = [...body.matchAll(/## ([^"\\?]+\?)/g)].map((match) => match[1])
  expect(questions).toEqual([
    "Is it oversold?",
    "Is it open?",
    "How deep is the queue?",
    "How fast is the writer?",
    "What do shoppers see?",
    "How far are the streams?",
    "How are the parts?",
  ])
})

test("the dashboard shows status, mode, units and depth of each sale, and says what the numbers of a status and a mode mean", () => {
  const body = JSON.stringify(template.findResources("AWS::CloudWatch::Dashboard")).replaceAll("\\", "")
  for (const [metric, statistic] of [
    ["sale.status", "Maximum"],
    ["sale.mode", "Maximum"],
    ["stock.available", "Minimum"],
    ["queue.depth", "Maximum"],
  ]) {
    expect(body).toContain(
      `SEARCH('{FlashSale,service,sku} MetricName="${metric}" service="expiry-sweeper"', '${statistic}', 10)`,
    )
  }
  expect(body).toContain("Status of each sale: 0 draft, 1 open, 2 closed, 3 halted")
  expect(body).toContain("Mode of each sale: 1 batch, 2 direct, 3 halted")
  for (const partition of ["0", "9"]) expect(body).toContain(`"kafka.consumer.lag","partition","${partition}"`)
})

test("each question of the dashboard has its own graphs, and every alarm, broker and node is on it", () => {
  const body = JSON.stringify(template.findResources("AWS::CloudWatch::Dashboard"))
  const sections = body.split(/## [^"\\?]+\?/).slice(1)
  const answers = [
    ["inventory.oversell", "inventory.undersell", "offsets.disagree", "fairness.inversions"],
    ["stock.depletion.rate", "admission.refused", "admission.suspected", "admission.limited", "produce.rate", "request.rate"],
    ["queue.depth", "kafka.consumer.lag", "queue.stalled", "queue.wait", "queue.wait.estimated", "queue.wait.error"],
    [
      "batch.processed",
      "batch.allocation.rate",
      "cache.invalidation.latency",
      "database.slow",
      "batch.latency",
      "database.lock.wait",
      "writer.blocked",
      "expiry.lag",
      "relay.lag",
      "sku.failing",
    ],
    [
      "reservation.decision.latency",
      "checkout.latency",
      "5xx",
      "availability.cache.hit",
      "payment.declined",
      "payment.failed",
      "webhook.refused",
      "payment.misconfigured",
      "payment.set-aside",
      "payment.wait",
    ],
    ["consumer.lag", "consumer.stalled"],
    ["CPUUtilization", "DatabaseConnections", "BytesInPerSec", "DatabaseMemoryUsagePercentage", "Throttles"],
  ]
  for (const [index, metrics] of answers.entries()) {
    for (const metric of metrics) expect(sections[index], metric).toContain(`\\"${metric}\\"`)
  }
  for (const id of Object.keys(template.findResources("AWS::CloudWatch::Alarm"))) expect(body).toContain(`"${id}"`)
  for (const broker of ["1", "2", "3"]) expect(sections[6]).toContain(`\\"Broker ID\\",\\"${broker}\\"`)
  for (const node of ["sale-001", "sale-002", "sale-003"]) expect(sections[6]).toContain(node)
})
