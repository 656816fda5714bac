import { type BrokenPromise, inFile } from "../mutant.ts"

const streams = inFile("lib/alarms/streams.ts", "observability")
const sale = inFile("lib/alarms/sale.ts", "observability")
const latency = inFile("lib/alarms/latency.ts", "observability")
const shoppers = inFile("lib/alarms/shoppers.ts", "observability")
const payments = inFile("lib/alarms/payments.ts", "observability")
const parts = inFile("lib/alarms/parts.ts", "observability")
const edge = inFile("lib/alarms/edge.ts", "observability")

/** At least one mutant for each row of the table of alarms. */
export const alarmsMutants: readonly BrokenPromise[] = [
  {
    promise: "alarms of the sale",
    mutants: [
      {
        ...sale,
        name: "oversell reads the metric of undersell",
        replace: 'metric: saleMetric("inventory.oversell"',
        with: 'metric: saleMetric("inventory.undersell"',
      },
      {
        ...sale,
        name: "oversell is not P0",
        replace: ['heading: "OversellDetected",', '    priority: "P0"'],
        with: ['heading: "OversellDetected",', '    priority: "P1"'],
      },
      {
        ...sale,
        name: "OffsetsDisagree reads another function's metric",
        replace: 'saleMetric("offsets.disagree", "batch-writer"',
        with: 'saleMetric("offsets.disagree", "expiry-sweeper"',
      },
      {
        ...sale,
        name: "WriterCannotWrite is not P0",
        replace: ['heading: "WriterCannotWrite",', '    priority: "P0",', "    condition:"],
        with: ['heading: "WriterCannotWrite",', '    priority: "P1",', "    condition:"],
      },
      {
        ...sale,
        name: "WriterCannotWrite reads another function's metric",
        replace: 'saleMetric("writer.blocked", "batch-writer"',
        with: 'saleMetric("writer.blocked", "expiry-sweeper"',
      },
      {
        ...sale,
        name: "a dead writer is measured by itself",
        replace: ['saleMetric("queue.stalled", "expiry-sweeper", "Maximum", fastSeconds),', "    above: longestStandstillMs"],
        with: ['saleMetric("queue.stalled", "batch-writer", "Maximum", fastSeconds),', "    above: longestStandstillMs"],
      },
      {
        ...sale,
        name: "the writer may stand still for a minute",
        replace: "longestStandstillMs = 10_000",
        with: "longestStandstillMs = 60_000",
      },
      {
        ...sale,
        name: "a standstill is measured too rarely for its page",
        replace: "measuredTwiceSeconds = 2",
        with: "measuredTwiceSeconds = 15",
      },
      { ...sale, name: "the queue may be ten times as deep", replace: "above: 100_000", with: "above: 1_000_000" },
      { ...sale, name: "shedding-failed has the threshold of shedding", replace: "above: 500_000", with: "above: 100_000" },
      {
        ...sale,
        name: "undersell on average",
        replace: 'saleMetric("inventory.undersell", "expiry-sweeper", "Maximum"',
        with: 'saleMetric("inventory.undersell", "expiry-sweeper", "Average"',
      },
      {
        ...sale,
        name: "lag for a minute",
        replace: ["above: 10_000,", "    datapoints: 3"],
        with: ["above: 10_000,", "    datapoints: 6"],
      },
      {
        ...sale,
        name: "queue wait on average",
        replace: 'saleMetric("queue.wait", "batch-writer", "p95"',
        with: 'saleMetric("queue.wait", "batch-writer", "Average"',
      },
      { ...sale, name: "a queue wait of 20 s", replace: "above: 2_000", with: "above: 20_000" },
      { ...sale, name: "slow batches of any size", replace: "latency / IF(size > 250, size / 250, 1)", with: "latency" },
      { ...sale, name: "batches of 150 ms", replace: "above: 15,", with: "above: 150," },
      {
        ...sale,
        name: "only a faster depletion",
        replace: "ABS(100 * (FILL(taken, 0)",
        with: "(100 * (FILL(taken, 0)",
      },
      {
        ...sale,
        name: "a plan for the trickle of returned holds",
        replace: "trickleShare = 0.1",
        with: "trickleShare = 0",
      },
      {
        ...sale,
        name: "a depletion of twice the plan",
        replace: "depletionTolerancePercent = 20",
        with: "depletionTolerancePercent = 100",
      },
      {
        ...streams,
        name: "a group may be a million records behind",
        replace: "mostRecordsBehind = 10_000",
        with: "mostRecordsBehind = 1_000_000",
      },
      {
        ...streams,
        name: "a group that shoppers wait for may stand still for an hour",
        replace: "waitedFor: 10_000",
        with: "waitedFor: 3_600_000",
      },
      {
        ...streams,
        name: "the lag of all groups together",
        replace: '"consumer.lag", "expiry-sweeper", "Maximum", fastSeconds, { group }',
        with: '"consumer.lag", "expiry-sweeper", "Maximum", fastSeconds',
      },
      { ...streams, name: "dead letters are not counted", replace: '"events.dead-lettered"', with: '"quarantine.count"' },
      {
        ...sale,
        name: "UnknownSchemaVersion reads another metric",
        replace: '"quarantine.unknown-version"',
        with: '"quarantine.count"',
      },
      {
        ...sale,
        name: "missing sweeps are fine",
        replace: ["below: 1,", "    datapoints: 3,", '    silence: "alarming"'],
        with: ["below: 1,", "    datapoints: 3,", '    silence: "fine"'],
      },
      {
        ...sale,
        name: "holds may end a minute late",
        replace: ['"expiry.lag", "expiry-sweeper", "Maximum", fastSeconds),', "    above: 15_000"],
        with: ['"expiry.lag", "expiry-sweeper", "Maximum", fastSeconds),', "    above: 60_000"],
      },
      { ...sale, name: "SweepLate reads the relay's lag", replace: 'saleMetric("expiry.lag"', with: 'saleMetric("relay.lag"' },
      { ...sale, name: "the relay may be late", replace: "above: 30_000", with: "above: 300_000" },
    ],
  },
  {
    promise: "alarms of shoppers",
    mutants: [
      { ...latency, name: "half of the calls may be slow", replace: "slowPercent = 5", with: "slowPercent = 50" },
      {
        ...latency,
        name: "late decisions are not seen",
        replace: 'saleMetric("reservation.decided.slow", "batch-writer"',
        with: 'saleMetric("reservation.answer.slow", "reserve"',
      },
      {
        ...latency,
        name: "reads of another function",
        replace: 'saleMetric("availability.slow", "availability"',
        with: 'saleMetric("availability.slow", "catalogue"',
      },
      {
        ...latency,
        name: "CheckoutLatencyHigh is P2",
        replace: ['heading: "CheckoutLatencyHigh",', '    priority: "P1"'],
        with: ['heading: "CheckoutLatencyHigh",', '    priority: "P2"'],
      },
      {
        ...latency,
        name: "one slow checkout of three pages",
        replace: "fewCheckouts = { all: 10, part: 3 }",
        with: "fewCheckouts = { all: 3, part: 1 }",
      },
      {
        ...shoppers,
        name: "a flood may be everything that admission judges",
        replace: "limitedPercent = 50",
        with: "limitedPercent = 100",
      },
      {
        ...shoppers,
        name: "errors of a hanging provider page twice",
        replace: "redisIsAway, kafkaRefuses, providerIsSlow]",
        with: 'redisIsAway, kafkaRefuses, "ErrorRateHigh-page"]',
      },
      {
        ...shoppers,
        name: "half of the reads miss",
        replace: 'cacheHitRate("page", "P1", 80)',
        with: 'cacheHitRate("page", "P1", 50)',
      },
      {
        ...shoppers,
        name: "hits count as misses",
        replace: 'hits: saleMetric("availability.cache.hit"',
        with: 'hits: saleMetric("availability.cache.miss"',
      },
      { ...shoppers, name: "hit rates alarm when high", replace: "below: percent", with: "above: percent" },
      {
        ...shoppers,
        name: "an error rate of 10 %",
        replace: '...errorRate(1), variant: "page"',
        with: '...errorRate(10), variant: "page"',
      },
      {
        ...shoppers,
        name: "client errors instead of server errors",
        replace: '"AWS/ApiGateway", "5xx"',
        with: '"AWS/ApiGateway", "4xx"',
      },
      {
        ...shoppers,
        name: "no error rate below 100,000 requests",
        replace: "fewRequests = { all: 50,",
        with: "fewRequests = { all: 100_000,",
      },
      {
        ...shoppers,
        name: "failed batches are not counted",
        replace: '["reserve", "reserve-batch"]',
        with: '["reserve"]',
      },
      {
        ...shoppers,
        name: "half of the calls to the provider may fail",
        replace: "paymentFailurePercent = 5",
        with: "paymentFailurePercent = 50",
      },
      {
        ...shoppers,
        name: "failed captures are not counted",
        replace: '["checkout", "event-reactor", "expiry-sweeper"]',
        with: '["checkout", "expiry-sweeper"]',
      },
      {
        ...shoppers,
        name: "all calls may be without Redis",
        replace: "callsWithoutRedisPercent = 20",
        with: "callsWithoutRedisPercent = 100",
      },
      {
        ...shoppers,
        name: "reserve without Redis is not counted",
        replace: '["reserve", "reservation", "availability", "batch-writer"]',
        with: '["reservation", "availability", "batch-writer"]',
      },
      {
        ...payments,
        name: "RefundFailed is P2",
        replace: ['heading: "RefundFailed",', '    priority: "P1"'],
        with: ['heading: "RefundFailed",', '    priority: "P2"'],
      },
      {
        ...payments,
        name: "PaymentMisconfigured is P2",
        replace: ['heading: "PaymentMisconfigured",', '    priority: "P1"'],
        with: ['heading: "PaymentMisconfigured",', '    priority: "P2"'],
      },
      {
        ...payments,
        name: "misconfigured captures are not counted",
        replace: '        saleMetric("payment.misconfigured", "event-reactor", "Sum", fastSeconds),\n',
        with: "",
      },
      {
        ...payments,
        name: "captures may fail for an hour",
        replace: "longestSetAsideMs = 600_000",
        with: "longestSetAsideMs = 3_600_000",
      },
      { ...edge, name: "ten times the requests", replace: "above: 300_000", with: "above: 3_000_000" },
      {
        ...edge,
        name: "requests a minute instead of a second",
        replace: '"requests / PERIOD(requests)"',
        with: '"requests / 1"',
      },
      { ...edge, name: "requests without the distribution", replace: "DistributionId: distributionId, Region", with: "Region" },
    ],
  },
  {
    promise: "alarms of the parts",
    mutants: [
      {
        ...parts,
        name: "all connections are open",
        replace: "above: database.maxConnections * 0.8",
        with: "above: database.maxConnections",
      },
      {
        ...parts,
        name: "database connections on average",
        replace: '"DatabaseConnections", dimensions, "Maximum"',
        with: '"DatabaseConnections", dimensions, "Average"',
      },
      {
        ...parts,
        name: "transaction latency at p95",
        replace: '"database.latency", "batch-writer", "p99"',
        with: '"database.latency", "batch-writer", "p95"',
      },
      {
        ...parts,
        name: "the locks of checkout are not measured",
        replace: 'lockTakers = ["batch-writer", "checkout"]',
        with: 'lockTakers = ["batch-writer", "batch-writer"]',
      },
      {
        ...parts,
        name: "a slow database pages nobody",
        replace: ['variant: "page",', '  priority: "P1"'],
        with: ['variant: "page",', '  priority: "P2"'],
      },
      {
        ...parts,
        name: "a silent copy for analysts is up to date",
        replace: "oldReplicaSeconds + 1,",
        with: "0,",
      },
      { ...parts, name: "lock waits of half a second", replace: "above: 50,", with: "above: 500," },
      { ...parts, name: "no storage left", replace: "database.allocatedGiB * GiB * 0.2", with: "0" },
      {
        ...parts,
        name: "storage alarms when free",
        replace: "below: database.allocatedGiB",
        with: "above: database.allocatedGiB",
      },
      {
        ...parts,
        name: "CPU of Kafka instead of PostgreSQL",
        replace: '"AWS/RDS", "CPUUtilization"',
        with: '"AWS/Kafka", "CPUUtilization"',
      },
      {
        ...parts,
        name: "standard brokers read the metric of express brokers",
        replace: 'kind === "express" ? "ProduceThrottleTime" : "UnderReplicatedPartitions"',
        with: '"ProduceThrottleTime"',
      },
      {
        ...parts,
        name: "brokers of one zone only",
        replace: "length: availabilityZones.length * kafka.brokersPerZone",
        with: "length: kafka.brokersPerZone",
      },
      {
        ...parts,
        name: "the number of connections instead of refused ones",
        replace: 'worstBroker("IAMTooManyConnections", "Maximum")',
        with: 'worstBroker("ConnectionCount", "Maximum")',
      },
      { ...parts, name: "network until it is full", replace: "above: 70", with: "above: 100" },
      { ...parts, name: "bytes out instead of in", replace: '"BytesInPerSec"', with: '"BytesOutPerSec"' },
      { ...parts, name: "one node less", replace: "members.map((member)", with: "members.slice(1).map((member)" },
      { ...parts, name: "memory until it is full", replace: "above: 75", with: "above: 100" },
      { ...parts, name: "reclaimed keys instead of evicted ones", replace: 'worst("Evictions"', with: 'worst("Reclaimed"' },
    ],
  },
]
