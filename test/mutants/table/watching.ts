import { mutantsOf } from "../mutant.ts"

const sale = mutantsOf("lib/constructs/alarms/sale.ts", "observability")
const shoppers = mutantsOf("lib/constructs/alarms/shoppers.ts", "observability")
const payments = mutantsOf("lib/constructs/alarms/payments.ts", "observability")
const parts = mutantsOf("lib/constructs/alarms/parts.ts", "observability")
const edge = mutantsOf("lib/constructs/alarms/edge.ts", "observability")
const definition = mutantsOf("lib/constructs/alarms/definition.ts", "observability")
const alarms = mutantsOf("lib/constructs/alarms.ts", "observability")
const dashboard = mutantsOf("lib/constructs/dashboard.ts", "observability")

/** One mutant at least for each row of the table of alarms, and for each thing that an alarm says. */
export const watching = [
  sale("alarms of the sale", "units nobody can buy are oversold", 'metric: saleMetric("inventory.oversell"', 'metric: saleMetric("inventory.undersell"'),
  sale("alarms of the sale", "oversold wakes nobody", 'heading: "OversellDetected",\n    priority: "P0"', 'heading: "OversellDetected",\n    priority: "P1"'),
  sale("alarms of the sale", "a stopped partition is a sum of another function", 'saleMetric("offsets.disagree", "batch-writer"', 'saleMetric("offsets.disagree", "expiry-sweeper"'),
  sale("alarms of the sale", "the line may be ten times as deep", "above: 100_000", "above: 1_000_000"),
  sale("alarms of the sale", "shedding failed at the same depth", "above: 500_000", "above: 100_000"),
  sale("alarms of the sale", "undersold by the average", 'saleMetric("inventory.undersell", "expiry-sweeper", "Maximum"', 'saleMetric("inventory.undersell", "expiry-sweeper", "Average"'),
  sale("alarms of the sale", "a lag for a minute", "above: 10_000,\n    datapoints: 3", "above: 10_000,\n    datapoints: 6"),
  sale("alarms of the sale", "a wait on average", 'saleMetric("queue.wait", "batch-writer", "p95"', 'saleMetric("queue.wait", "batch-writer", "Average"'),
  sale("alarms of the sale", "a wait of 20 s", "above: 2_000", "above: 20_000"),
  sale("alarms of the sale", "slow batches of any size", "latency / IF(size > 250, size / 250, 1)", "latency"),
  sale("alarms of the sale", "batches of 150 ms", "above: 15,", "above: 150,"),
  sale("alarms of the sale", "only faster than planned", "ABS(100 * (units / PERIOD(units)", "(100 * (units / PERIOD(units)"),
  sale("alarms of the sale", "twice the plan", "depletionTolerancePercent = 20", "depletionTolerancePercent = 100"),
  sale("alarms of the sale", "quarantine of one function only", '        saleMetric("quarantine.count", "event-reactor", "Sum", minuteSeconds),\n', ""),
  sale("alarms of the sale", "unknown versions are known ones", '"quarantine.unknown-version"', '"quarantine.count"'),
  sale("alarms of the sale", "a dead sweeper is fine", 'below: 1,\n    datapoints: 3,\n    silence: "alarming"', 'below: 1,\n    datapoints: 3,\n    silence: "fine"'),
  sale("alarms of the sale", "holds may end a minute late", "above: 15_000", "above: 60_000"),
  sale("alarms of the sale", "holds are the ledger's lag", 'saleMetric("expiry.lag"', 'saleMetric("relay.lag"'),
  sale("alarms of the sale", "the relay may be late", "above: 30_000", "above: 300_000"),

  shoppers("alarms of shoppers", "writes of a second", "above: 150", "above: 1_500"),
  shoppers("alarms of shoppers", "writes on average", 'saleMetric("reservation.decision.latency", "reserve", "p95"', 'saleMetric("reservation.decision.latency", "reserve", "Average"'),
  shoppers("alarms of shoppers", "reads of two seconds", "above: 200", "above: 2_000"),
  shoppers("alarms of shoppers", "reads of another function", 'functionNameOf(stage, "availability")', 'functionNameOf(stage, "catalogue")'),
  shoppers("alarms of shoppers", "checkouts by night only", 'heading: "CheckoutLatencyHigh",\n    priority: "P1"', 'heading: "CheckoutLatencyHigh",\n    priority: "P2"'),
  shoppers("alarms of shoppers", "checkouts at p99", 'saleMetric("checkout.latency", "checkout", "p95"', 'saleMetric("checkout.latency", "checkout", "p99"'),
  shoppers("alarms of shoppers", "half of the reads miss", 'cacheHitRate("page", "P1", 80)', 'cacheHitRate("page", "P1", 50)'),
  shoppers("alarms of shoppers", "hits count as misses", 'hits: saleMetric("availability.cache.hit"', 'hits: saleMetric("availability.cache.miss"'),
  shoppers("alarms of shoppers", "hit rates alarm when high", "below: percent", "above: percent"),
  shoppers("alarms of shoppers", "errors of a tenth", 'errorRate("page", "P1", 1, apiId)', 'errorRate("page", "P1", 10, apiId)'),
  shoppers("alarms of shoppers", "errors of shoppers", '"AWS/ApiGateway", "5xx"', '"AWS/ApiGateway", "4xx"'),
  shoppers("alarms of shoppers", "an error rate of few requests", "fewRequests = 100", "fewRequests = 100_000"),
  shoppers("alarms of shoppers", "batches may fail", '        saleMetric("produce.errors", "reserve-batch", "Sum", minuteSeconds),\n', ""),
  shoppers("alarms of shoppers", "payments fail at half of checkouts", "paymentFailureShare = 0.05", "paymentFailureShare = 0.5"),
  shoppers("alarms of shoppers", "captures may fail", '        saleMetric("payment.failed", "event-reactor", "Sum", minuteSeconds),\n', ""),
  payments("alarms of shoppers", "our mistakes wait for the next day", 'heading: "PaymentMisconfigured",\n    priority: "P1"', 'heading: "PaymentMisconfigured",\n    priority: "P2"'),
  payments("alarms of shoppers", "captures may be asked for wrongly", '        saleMetric("payment.misconfigured", "event-reactor", "Sum", minuteSeconds),\n', ""),
  payments("alarms of shoppers", "money may fail for an hour", "longestSetAsideMs = 600_000", "longestSetAsideMs = 3_600_000"),
  edge("alarms of shoppers", "ten times the requests", "above: 300_000", "above: 3_000_000"),
  edge("alarms of shoppers", "requests a minute", '"requests / PERIOD(requests)"', '"requests / 1"'),
  edge("alarms of shoppers", "of no distribution", "DistributionId: distributionId, Region", "Region"),

  parts("alarms of the parts", "all connections are open", "above: database.maxConnections * 0.8", "above: database.maxConnections"),
  parts("alarms of the parts", "connections on average", '"DatabaseConnections", dimensions, "Maximum"', '"DatabaseConnections", dimensions, "Average"'),
  parts("alarms of the parts", "transactions at p95", '"database.latency", "batch-writer", "p99"', '"database.latency", "batch-writer", "p95"'),
  parts("alarms of the parts", "lock waits of half a second", "above: 50,", "above: 500,"),
  parts("alarms of the parts", "no storage left", "database.allocatedGiB * GiB * 0.2", "0"),
  parts("alarms of the parts", "storage alarms when free", "below: database.allocatedGiB", "above: database.allocatedGiB"),
  parts("alarms of the parts", "processors of Kafka", '"AWS/RDS", "CPUUtilization"', '"AWS/Kafka", "CPUUtilization"'),
  parts("alarms of the parts", "standard brokers are throttled", 'kind === "express" ? "ProduceThrottleTime" : "UnderReplicatedPartitions"', '"ProduceThrottleTime"'),
  parts("alarms of the parts", "one broker is enough", "length: zones * brokersPerZone", "length: brokersPerZone"),
  parts("alarms of the parts", "connections come as fast as they may", 'worstBroker("IAMTooManyConnections", "Maximum")', 'worstBroker("ConnectionCount", "Maximum")'),
  parts("alarms of the parts", "network until it is full", "above: 70", "above: 100"),
  parts("alarms of the parts", "bytes out", '"BytesInPerSec"', '"BytesOutPerSec"'),
  parts("alarms of the parts", "one node's memory is enough", "members.map((member)", "members.slice(1).map((member)"),
  parts("alarms of the parts", "memory until it is full", "above: 75", "above: 100"),
  parts("alarms of the parts", "keys that expired", 'worst("Evictions"', 'worst("Reclaimed"'),

  definition("alarms reach whom they should", "a minute instead of ten seconds", "fastSeconds = 10", "fastSeconds = 60"),
  definition("alarms reach whom they should", "five minutes instead of one", "minuteSeconds = 60", "minuteSeconds = 300"),
  definition("alarms reach whom they should", "a part that is silent silences all", "`FILL(${name}, 0)`", "name"),
  alarms("alarms reach whom they should", "all go to P2", "topics.byPriority[priority]", "topics.byPriority.P2"),
  alarms("alarms reach whom they should", "nobody hears of the end", "    alarm.addOkAction(action)\n", ""),
  alarms("alarms reach whom they should", "nobody reads a topic", "topic.addSubscription(new EmailSubscription(address))", "void new EmailSubscription(address)"),
  alarms("alarms reach whom they should", "topics are not encrypted", "        masterKey: key,\n", ""),
  alarms("alarms reach whom they should", "over plain HTTP", "        enforceSSL: true,\n", ""),
  alarms("alarms reach whom they should", "CloudWatch may not publish", "      topic.grantPublish(alarms)\n", "      if (priority === 'P0') topic.grantPublish(alarms)\n"),
  alarms("alarms reach whom they should", "three of many datapoints", "evaluationPeriods: datapoints", "evaluationPeriods: 3 * datapoints"),
  alarms("alarms reach whom they should", "silence is fine", 'silence === "fine" ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING', "silence === 'fine' ? TreatMissingData.IGNORE : TreatMissingData.BREACHING"),
  alarms("alarms reach whom they should", "no way to the runbook", ". Runbook: ${runbookUrl(stage, heading)}`", ".`"),
  alarms("alarms reach whom they should", "a heading that is not there", "RUNBOOK.md#${heading.toLowerCase()}`", "RUNBOOK.md#the-${heading.toLowerCase()}`"),
  sale("alarms reach whom they should", "an alarm without a heading", 'heading: "RelayLate"', 'heading: "RelayIsLate"', "templates"),

  dashboard("the dashboard is read from top to bottom", "parts before shoppers", '  ["What do shoppers see?", whatDoShoppersSee(props)],\n  ["What do the parts say?", whatDoThePartsSay(props)],', '  ["What do the parts say?", whatDoThePartsSay(props)],\n  ["What do shoppers see?", whatDoShoppersSee(props)],'),
  dashboard("the dashboard is read from top to bottom", "a question of another answer", '["Is it oversold?", isItOversold()]', '["Is it oversold?", howDeepIsTheLine()]'),
  dashboard("the dashboard is read from top to bottom", "oversold is not on it", 'values("Units that do not exist", saleMetric("inventory.oversell"', 'values("Units that do not exist", saleMetric("inventory.undersell"'),
  dashboard("the dashboard is read from top to bottom", "a metric of nobody", 'saleMetric("queue.depth", "expiry-sweeper"', 'saleMetric("queue.depth", "nobody" as never'),
  dashboard("the dashboard is read from top to bottom", "no alarms on it", "alarms: [...props.alarms]", "alarms: [...props.alarms].slice(0, 1)"),
  dashboard("the dashboard is read from top to bottom", "brokers are not on it", "...brokerMetrics(stage.kafka,", "...brokerMetrics({ ...stage.kafka, brokersPerZone: 0 },"),
]
