import { type BrokenPromise, inFile } from "../mutant.ts"

const streams = inFile("lib/alarms/streams.ts", "observability")
const sale = inFile("lib/alarms/sale.ts", "observability")
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
        replace: ['heading: "WriterCannotWrite",', '    priority: "P0"'],
        with: ['heading: "WriterCannotWrite",', '    priority: "P1"'],
      },
      {
        ...sale,
        name: "WriterCannotWrite reads another function's metric",
        replace: 'saleMetric("writer.blocked", "batch-writer"',
        with: 'saleMetric("writer.blocked", "expiry-sweeper"',
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
        replace: "ABS(100 * (units / PERIOD(units)",
        with: "(100 * (units / PERIOD(units)",
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
        name: "a group may stand still for an hour",
        replace: "longestStandstillMs = 20_000",
        with: "longestStandstillMs = 3_600_000",
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
      { ...shoppers, name: "writes that take 1.5 s", replace: "above: 150", with: "above: 1_500" },
      {
        ...shoppers,
        name: "write latency on average",
        replace: 'saleMetric("reservation.decision.latency", "reserve", "p95"',
        with: 'saleMetric("reservation.decision.latency", "reserve", "Average"',
      },
      { ...shoppers, name: "reads that take 2 s", replace: "above: 200", with: "above: 2_000" },
      {
        ...shoppers,
        name: "reads of another function",
        replace: 'functionNameOf(stage, "availability")',
        with: 'functionNameOf(stage, "catalogue")',
      },
      {
        ...shoppers,
        name: "CheckoutLatencyHigh is P2",
        replace: ['heading: "CheckoutLatencyHigh",', '    priority: "P1"'],
        with: ['heading: "CheckoutLatencyHigh",', '    priority: "P2"'],
      },
      {
        ...shoppers,
        name: "checkout latency at p99",
        replace: 'saleMetric("checkout.latency", "checkout", "p95"',
        with: 'saleMetric("checkout.latency", "checkout", "p99"',
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
        replace: 'errorRate("page", "P1", 1, apiId)',
        with: 'errorRate("page", "P1", 10, apiId)',
      },
      {
        ...shoppers,
        name: "client errors instead of server errors",
        replace: '"AWS/ApiGateway", "5xx"',
        with: '"AWS/ApiGateway", "4xx"',
      },
      { ...shoppers, name: "no error rate below 100,000 requests", replace: "fewRequests = 100", with: "fewRequests = 100_000" },
      {
        ...shoppers,
        name: "failed batches are not counted",
        replace: '        saleMetric("produce.errors", "reserve-batch", "Sum", minuteSeconds),\n',
        with: "",
      },
      {
        ...shoppers,
        name: "payments fail at half of checkouts",
        replace: "paymentFailureShare = 0.05",
        with: "paymentFailureShare = 0.5",
      },
      {
        ...shoppers,
        name: "failed captures are not counted",
        replace: '        saleMetric("payment.failed", "event-reactor", "Sum", minuteSeconds),\n',
        with: "",
      },
      {
        ...shoppers,
        name: "a thousand calls without Redis",
        replace: "fewCallsWithoutRedis = 100",
        with: "fewCallsWithoutRedis = 1_000",
      },
      {
        ...shoppers,
        name: "reserve without Redis is not counted",
        replace: '        saleMetric("redis.away", "reserve", "Sum", minuteSeconds),\n',
        with: "",
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
        replace: '        saleMetric("payment.misconfigured", "event-reactor", "Sum", minuteSeconds),\n',
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
      { ...parts, name: "brokers of one zone only", replace: "length: zones * brokersPerZone", with: "length: brokersPerZone" },
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
