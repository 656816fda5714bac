import { groupNames } from "../../core/contracts/consumer-groups.ts"
import type { guardrails } from "../../lib/guardrails/guardrails.ts"
import { setting } from "./edited-stage.ts"
import {
  at,
  type Case,
  eventPollers,
  inTwoZones,
  leaderTakes,
  mailing,
  managed,
  never,
  oneSale,
  onFunctions,
  recoveryIn,
  sale,
  secondSale,
  smallDisk,
  standardBrokers,
  trialWith,
} from "./stage-edits.ts"

/** For each guardrail at least one config on each side of its limit. */
export const cases: Readonly<Record<keyof typeof guardrails, readonly Case[]>> = {
  ratesMakeSense: [
    never("capacity.checkoutsPerSecond", Number.POSITIVE_INFINITY, "∞"),

    at("capacity.pollsPerSecond", 1, 0, "400, 0 a second"),
    at("capacity.edgeHitRate", 0, 1, "answer 1", "below 1"),
    at("capacity.recordBytes", 1, 0, "0 bytes"),
  ],
  numbersMakeSense: [
    at("tracingSampleRate", 0, -0.01, "-0.01"),
    at("database.iops", 64_000, 64_001, "64,001"),
    { passes: smallDisk(20), fails: smallDisk(19), says: ["19 GiB", "20 to"] },

    at("tracingSampleRate", 1, 1.01, "1.01", "from 0 to 1"),
    at("budgetUsdPerMonth", 1, 0, "0 USD"),
    at("database.allocatedGiB", 65_536, 65_537, "65,537"),
    at("database.allocatedGiB", 400, 399, "399 GiB", "400"),
    at("database.iops", 12_000, 11_999, "11,999", "12,000"),
  ],
  threeZones: [
    at(
      "availabilityZones",
      ["eu-central-1c", "eu-central-1b", "eu-central-1a"],
      ["eu-central-1a", "eu-central-1b", "eu-central-1b"],
      "eu-central-1b, eu-central-1b",
      "three different zones",
    ),
    never("region", "eu-west-3", "zones of eu-west-3"),
    {
      passes: inTwoZones("kafka.t3.small"),
      fails: inTwoZones("express.m7g.large"),
      says: ["eu-central-1a, eu-central-1b", "three different zones"],
    },
  ],
  budgetMatchesCost: [
    at("budgetUsdPerMonth", 18_100, 17_000, "17,000 USD a month", "costs about"),
    at("budgetUsdPerMonth", 35_500, 37_000, "37,000 USD a month", "`npm run ops -- cost`"),
  ],
  trialsSellNothing: [
    { passes: trialWith(() => {}), fails: trialWith(oneSale), says: ["has 1 sales", "none of these"] },
    { passes: trialWith(() => {}), fails: trialWith(setting("retainData", true)), says: ["data that it keeps"] },
    {
      passes: trialWith(() => {}),
      fails: trialWith(setting("disasterRecovery", recoveryIn("eu-west-1"))),
      says: ["a second region"],
    },
    {
      passes: trialWith(() => {}),
      fails: trialWith(setting("pipeline", { repository: "example/flash-sale", branch: "main" })),
      says: ["a pipeline"],
    },
    {
      passes: trialWith(() => {}),
      fails: trialWith(setting("pagers", { P0: { service: "pagerduty" } })),
      says: ["a pager"],
    },
  ],
  onlyTrialsSave: [
    {
      passes: trialWith(setting("network.natInstance", "t4g.nano")),
      fails: setting("network.natInstance", "t4g.nano"),
      says: ["One t4g.nano", "only in a trial"],
    },
    {
      passes: trialWith(setting("eventDelivery", "on-demand")),
      fails: setting("eventDelivery", "on-demand"),
      says: ["without pollers", "within minutes"],
    },
  ],
  generationIsNumbered: [
    at("requestsGeneration", 1, 0, "generation 0", "from 1"),
    at("requestsGeneration", 2, 1.5, "generation 1.5"),
    at("requestsGeneration", 8_192, 8_193, "8,193"),
  ],
  recoveryIsElsewhere: [
    at("disasterRecovery", recoveryIn("eu-north-1"), recoveryIn("eu-central-1"), "in eu-central-1", "another region"),
    never("disasterRecovery.availabilityZones", ["eu-west-1a", "eu-west-1b", "eu-west-2c"], "zones of eu-west-1"),
  ],
  alarmsReachSomebody: [
    at("alarmEmails.P1", ["a@b"], [], "P1 go to nobody"),
    at("alarmEmails.P0", ["a@b"], ["oncall"], "oncall"),
  ],
  pagersAreReachable: [
    at(
      "pagers",
      { P0: { service: "opsgenie", url: "https://api.atlassian.com/jsm/ops/integration/v2/alerts" } },
      { P0: { service: "opsgenie", url: "http://api.atlassian.com/v2/alerts" } },
      "Pages of P0 go to http://api",
      "begins with https",
    ),
    {
      passes: setting("alarmEmails.P0", []),
      fails: (stage) => {
        stage.alarmEmails.P0 = []
        delete stage.pagers
      },
      says: ["nobody hears of a P0"],
    },
  ],
  productionIsProtected: [
    at("database.backupRetentionDays", 7, 6, "6 days", "7 days"),
    at("retainData", true, false, "retainData is false"),
    at("edge.botControl", true, false, "botControl is false"),
  ],
  productionHasName: [
    never("domain", undefined, "no domain", "a zone in Route 53"),
    never("domain.senderAddress", undefined, "50 mails a day", "SES"),
  ],
  namesMakeSense: [
    at("domain.siteName", "example.com", "example.org", "at example.org", "in the zone"),
    at("domain.apiName", "api.example.com", "sale.example.com", "two different names"),
    at("domain.senderAddress", "a@b.example", "nobody", "The sender is nobody"),
  ],
  crowdSignsInBefore: [
    at("quotas.signInsPerSecond", 70, 69, "250,000 people", "60 minutes"),
    at("signIn.shoppers", 432_000, 432_001, "432,001 people"),
    at("signIn.minutesBefore", 35, 34, "34.72 minutes"),
  ],
  tokensOutliveSale: [
    at("signIn.accessTokenMinutes", 92, 91, "lasts 91 minutes", "at least 92 minutes"),
    at("signIn.accessTokenMinutes", 1_440, 1_441, "5 to 1,440"),
  ],
  addressesAreRead: [at("quotas.userReadsPerSecond", 172, 171, "171.43 addresses", "UserResourceRead")],
  salesMakeSense: [
    { passes: sale("priceMinor", 1), fails: sale("priceMinor", 0), says: ["at 0 minor units"] },

    {
      passes: sale("closesAt", "2027-03-19T18:00:01Z"),
      fails: sale("closesAt", "2027-03-19T18:00:00Z"),
      says: ["closes at 2027-03-19T18:00:00Z"],
    },
    { passes: sale("units", 1), fails: sale("units", 0), says: ["0 units"] },
    {
      passes: sale("holdSeconds", 30),
      fails: sale("holdSeconds", 29),
      says: ["29 s", "30 to 3,600 s"],
    },
    {
      passes: sale("holdSeconds", 3_600),
      fails: sale("holdSeconds", 3_601),
      says: ["3,601 s"],
    },
  ],
  calendarFitsCapacity: [
    {
      passes: (s) => secondSale(s, "2027-03-19T18:30:00Z"),
      fails: (s) => secondSale(s, "2027-03-19T18:29:59Z"),
      says: ["2 sales", "1, the declared"],
    },
  ],
  paymentPaceCarriesCheckouts: [at("payments.callsPerSecond", 800, 799, "400 checkouts/s", "800 calls/s", "799/s")],
  pageKeyIsPublic: [
    {
      passes: setting("payments.publishableKey", "pk_live_1"),
      fails: setting("payments.publishableKey", "sk_live_1"),
      says: ['"sk_"', '"pk_"'],
    },
  ],
  mailRateFitsQuota: [
    {
      passes: mailing(setting("quotas.mailsPerSecond", 172)),
      fails: mailing(setting("quotas.mailsPerSecond", 171)),
      says: ["171.43 mails/s", "171/s", "at most 1 environments"],
    },
    {
      // A stage without a sender sends nothing.
      passes: (stage) => {
        delete stage.domain
        stage.quotas.mailsPerSecond = 1
      },
      fails: mailing(setting("functions.notifier.reservedConcurrency", 3)),
      says: ["257.14 mails/s", "200/s"],
    },
  ],
  mailsOfDayFitQuota: [
    {
      passes: mailing(setting("quotas.mailsPerDay", 30_000)),
      fails: mailing(setting("quotas.mailsPerDay", 29_999)),
      says: ["10,000 units", "30,000 mails", "29,999 a day", "9,999 units"],
    },
    {
      passes: mailing((stage) => {
        secondSale(stage, "2027-03-20T00:00:00Z")
        stage.quotas.mailsPerDay = 30_000
      }),
      fails: mailing((stage) => {
        secondSale(stage, "2027-03-19T23:59:59Z")
        stage.quotas.mailsPerDay = 30_000
      }),
      says: ["20,000 units", "60,000 mails"],
    },
  ],
  noticesArriveInTime: [
    {
      passes: mailing(sale("units", 51_428)),
      fails: mailing(sale("units", 51_429)),
      says: ["900.01 s", "at most 900 s"],
    },
  ],
  sweepsAreFrequent: [
    at("expiry.sweepIntervalSeconds", 1, 0, "every 0 s"),
    at("expiry.sweepIntervalSeconds", 8, 9, "every 9 s", "at most 8 s"),
  ],
  sweepersOverlap: [
    at("expiry.invocationSeconds", 120, 119, "119 s"),
    at("functions.expiry-sweeper.timeoutSeconds", 150, 149, "149 s", "150 s"),
    at("functions.expiry-sweeper.reservedConcurrency", 3, 2, "2 sweepers", "at least 3"),
  ],
  warmUpCoversSale: [
    at("warmUp.minutesBefore", 30, 29, "29 min before", "30 min before"),
    at("warmUp.minutesAfter", 3, 2, "2 min after", "3 min after"),
  ],
  partitionForEachHotSku: [at("capacity.hotSkus", 10, 11, "11 hot SKUs", "1 to 10")],
  pollerCarriesPartition: [
    at("capacity.recordBytes", 200, 220, "25,000 requests/s of 220 bytes", "5.5 MB/s", "5.0 MB/s", "200 bytes"),
    at("capacity.recordBytes", 200, 201, "201 bytes"),
  ],
  pollersCarryTopic: [
    {
      passes: setting("capacity.hotSkus", 10),
      fails: (s) => {
        s.capacity.hotSkus = 10
        s.eventSources["inventory-batch-writer"].pollers = { minimum: 1, maximum: 1 }
      },
      says: ["1 pollers", "at least 2"],
    },
  ],
  pollersCarryEvents: [
    ...groupNames("reservationEvents").map((group) => ({
      passes: eventPollers(),
      fails: eventPollers(group),
      says: [`3 pollers feed ${group} with 16.0 MB/s`, "at least 4"],
    })),
  ],
  pollersAreFixed: [
    at(
      "eventSources.inventory-batch-writer.pollers",
      { minimum: 10, maximum: 10 },
      { minimum: 11, maximum: 11 },
      "11 to 11",
      "1 to 10",
    ),
    at("eventSources.event-reactor.pollers", { minimum: 2, maximum: 2 }, { minimum: 1, maximum: 2 }, "event-reactor has 1 to 2"),
  ],
  noBatchingWindow: [at("eventSources.inventory-batch-writer.maximumBatchingWindowSeconds", 0, 0.5, "0.5 s", "0 s")],
  retriedWithoutEnd: [
    never("eventSources.inventory-batch-writer.retryAttempts", 10_000, "10,000 times", "-1"),
    never("eventSources.inventory-batch-writer.onFailureTopic", "failed", 'destination "failed"', "ten attempts"),
  ],
  deliveryFits: [
    at("eventSources.event-reactor.batchSize", 1, 0, "up to 0 records"),
    at("eventSources.event-reactor.batchSize", 5_651, 5_652, "5,652 records of 640 bytes", "1 to 5,651"),
    at("eventSources.inventory-batch-writer.batchSize", 10_000, 10_001, "10,001 records", "1 to 10,000"),
    at("capacity.recordBytes", 2_164, 2_165, "2,165 bytes", "1 to 1,999 records"),
  ],
  writerIsIdleEnough: [at("capacity.peakReservationsPerSecond", 29_999, 30_000, "30,000 requests/s", "60 %")],
  deliveriesKeepUp: [
    at("capacity.peakReservationsPerSecond", 25_714, 25_715, "25,715/s", "25,714.29"),
    at("eventSources.inventory-batch-writer.batchSize", 1_875, 1_874, "1,874 records"),
  ],
  consumersAreReserved: [
    at("functions.batch-writer.reservedConcurrency", 10, 9, "9 environments", "at least 10"),
    at("functions.event-reactor.reservedConcurrency", 5, 4, "4 environments", "at least 5"),
  ],
  environmentsCarryPeak: [
    {
      passes: (s) => onFunctions(s, 2_000, 300),
      fails: (s) => onFunctions(s, 2_000, 299),
      says: ["240 requests in progress", "`functions.reserve.reservedConcurrency`"],
    },

    {
      passes: (s) => managed(s, 59, 90),
      fails: (s) => managed(s, 58, 90),
      says: ["3,000 requests in progress", "3,712", "3,750", "reserve.minimumEnvironments"],
    },
    at("functions.checkout.reservedConcurrency", 235, 234, "188", "234", "235", "`functions.checkout.reservedConcurrency`"),
  ],
  reserveSharesEnvironments: [
    { passes: (s) => onFunctions(s, 2_000), fails: (s) => onFunctions(s, 2_001), says: ["2,001 reservations/s", "2,000/s"] },
  ],
  managedInstancesAreReady: [
    { passes: (s) => managed(s, 3, 3), fails: (s) => managed(s, 2, 3), says: ["2 to 3", "at least 3"] },
    { passes: (s) => managed(s, 60, 60), fails: (s) => managed(s, 60, 59), says: ["60 to 59"] },
  ],
  workersFitProcessors: [
    at("reserve.workersPerEnvironment", 2, 3, "3 worker threads on 2 vCPUs", "from 1 to 2"),
    at("reserve.workersPerEnvironment", 1, 0, "0 worker threads"),
    never("reserve.workersPerEnvironment", 1.5, "1.5 worker threads"),
    // Lambda's default.
    never("reserve.workersPerEnvironment", 16, "16 worker threads on 2 vCPUs"),
  ],
  startsFitInitialisation: [
    {
      passes: (s) => managed(s, 625, 625),
      fails: (s) => managed(s, 626, 626),
      says: ["100.16 s", "100 s", "130 s"],
    },
    at("functions.reservation.provisionedConcurrency", 1_574, 1_575, "100.05 s", "100 s: Lambda gives an environment 130 s"),
  ],
  accountCarriesFunctions: [at("quotas.lambdaConcurrency", 1_373, 1_372, "1,273", "1,272")],
  functionsAreBounded: [
    at("functions.orders.reservedConcurrency", 10, 9, "orders reserves 9 and keeps 10"),
    never("functions.documents.reservedConcurrency", undefined, "documents reserves no"),
    never("functions.reserve.reservedConcurrency", 100, "neither"),
  ],
  timeoutsFit: [
    at("functions.documents.timeoutSeconds", 1, 0, "0 s"),

    at("functions.orders.timeoutSeconds", 29, 30, "30 s", "1 to 29 s"),
    at("functions.provisioner.timeoutSeconds", 900, 901, "901 s", "900 s"),
  ],
  brokerIsKnown: [at("kafka.instanceType", "express.m7g.xlarge", "kafka.m7g.large", "kafka.m7g.large", "express.m7g.large")],
  brokersHaveStorage: [
    { passes: (s) => standardBrokers(s, 16_384), fails: (s) => standardBrokers(s, 16_385), says: ["16,385 GiB"] },
    { passes: (s) => standardBrokers(s, 1), fails: (s) => standardBrokers(s, 0), says: ["0 GiB"] },

    { passes: (s) => standardBrokers(s, 1), fails: (s) => standardBrokers(s), says: ["no storage"] },
    never("kafka.storageGiBPerBroker", 100, "100 GiB", "none for express"),
  ],
  brokersCarryCopies: [
    never("availabilityZones", ["eu-central-1a", "eu-central-1b", "eu-central-1b"], "2 for 3 copies"),
    at("kafka.brokersPerZone", 1, 0, "at least 3"),
  ],
  leaderCarriesPartition: [
    { passes: leaderTakes(375), fails: leaderTakes(376), says: ["9.4 MB/s"] },
    at("capacity.recordBytes", 374, 375, "9.4 MB/s"),
  ],
  connectionsFit: [
    { passes: (s) => managed(s, 60, 136), fails: (s) => managed(s, 60, 137), says: ["3,004 connections", "3,000"] },
  ],
  connectionRateFits: [
    {
      passes: (s) => onFunctions(s, 800),
      fails: (s) => {
        onFunctions(s, 800)
        s.capacity.hotSkus = 2
      },
      says: ["96 environments", "each of 2 hot SKUs", "100 new connections/s"],
    },
    {
      passes: (s) => {
        onFunctions(s, 2_000)
        s.kafka.auth = "scram"
        s.kafka.instanceType = "kafka.t3.small"
      },
      fails: (s) => {
        onFunctions(s, 2_000)
        s.kafka.instanceType = "kafka.t3.small"
      },
      says: ["100 environments", "4 new connections/s"],
    },
  ],
  poolsFit: [at("database.maxConnections", 2_979, 2_978, "2,959", "2,958", "checkout 1,000")],
  instanceCarriesConnections: [
    at("database.maxConnections", 5_000, 5_001, "5,001", "5,000"),
    never("database.instanceType", "r5.large", "r5.large"),
  ],
  analyticsCopyStarts: [
    at("database.analyticsInstanceType", "r8g.xlarge", "r8g.large", "allows 1,802 connections", "allows 3,000"),
  ],
  databaseSurvives: [
    at("database.backupRetentionDays", 35, 36, "36 days"),
    at("database.backupRetentionDays", 1, 0, "0 days"),
    never("database.multiAz", false, "not Multi-AZ"),
  ],
  cacheCarriesPeak: [
    at("capacity.peakReadsPerSecond", 285_000, 285_001, "600,001", "600,000"),
    never("cache.nodeType", "cache.m5.large", "cache.m5.large"),
  ],
  cacheFailsOver: [at("cache.replicas", 1, 0, "no replica", "at least 1")],
  apiQuotaFits: [at("quotas.apiRequestsPerSecond", 30_800, 30_799, "30,800", "30,799")],
  edgeQuotaFits: [at("quotas.cloudFrontRequestsPerSecond", 278_300, 278_299, "278,300", "278,299")],
  ceilingsAreAbovePeak: [
    at("edge.readCeilingPerSecond", 250_000, 249_999, "249,999/s", "250,000/s"),
    at("edge.writeCeilingPerSecond", 25_000, 24_999, "24,999/s", "25,000/s"),
  ],
  addressLimitsHold: [
    at("edge.readsPerMinutePerIp", 10, 9, "9 reads"),
    at("edge.writesPerMinutePerIp", 10, 9, "9 writes", "at least 10"),
  ],
}
