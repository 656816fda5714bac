import type { StageConfig } from "../config.ts"
import { eventSources, expiry, warmUp } from "./shared.ts"

/** The reference sale: 25,000 attempts/s on one SKU and 250,000 reads/s at the peak. */
export const prod: StageConfig = {
  name: "prod",
  region: "eu-central-1",
  availabilityZones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  // Yours: the zone exists in Route 53, and the sender's domain is verified in SES (docs/DEPLOY.md).
  domain: {
    hostedZoneId: "Z00000000000000000000",
    zoneName: "example.com",
    siteName: "sale.example.com",
    apiName: "api.sale.example.com",
    senderAddress: "no-reply@example.com",
  },
  network: { cidr: "10.40.0.0/16", natGateways: 3 },
  capacity: {
    peakReservationsPerSecond: 25_000,
    peakReadsPerSecond: 250_000,
    edgeHitRate: 0.99,
    checkoutsPerSecond: 400,
    pollsPerSecond: 2_500,
    hotSkus: 1,
    recordBytes: 160,
  },
  sales: [
    {
      skuId: "SKU-001",
      opensAt: "2027-03-19T18:00:00Z",
      closesAt: "2027-03-19T18:30:00Z",
      units: 10_000,
      priceMinor: 4_900,
      holdSeconds: 120,
    },
  ],
  kafka: { kind: "express", instanceType: "express.m7g.large", brokersPerZone: 1, auth: "iam" },
  eventDelivery: "provisioned",
  eventSources,
  database: {
    instanceType: "r8g.4xlarge",
    multiAz: true,
    allocatedGiB: 400,
    iops: 12_000,
    maxConnections: 3_000,
    analyticsReplicas: 1,
    analyticsInstanceType: "r8g.xlarge",
    backupRetentionDays: 14,
  },
  // More than Stripe's default (100): the account's limit must have been raised (docs/DEPLOY.md).
  // 250,000 people at Cognito's 120 sign-ins a second take 35 minutes.
  signIn: { shoppers: 250_000, minutesBefore: 60, accessTokenMinutes: 120 },
  payments: { callsPerSecond: 1_000, publishableKey: "pk_live_of_your_account" },
  // All reads go to the primary. The replica is for failover only: one is enough.
  cache: { nodeType: "cache.r7g.4xlarge", replicas: 1 },
  functions: {
    admin: { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 5, poolSize: 2 },
    analytics: { memoryMb: 1_769, timeoutSeconds: 60, reservedConcurrency: 12 },
    // Two: an invocation may still end while the next one begins.
    "analytics-report": { memoryMb: 512, timeoutSeconds: 70, reservedConcurrency: 2 },
    availability: { memoryMb: 1_769, timeoutSeconds: 10, reservedConcurrency: 400, provisionedConcurrency: 70, poolSize: 1 },
    // A delivery of each partition may be under way: each finds a warm environment.
    "batch-writer": {
      memoryMb: 3_538,
      timeoutSeconds: 60,
      reservedConcurrency: 12,
      provisionedConcurrency: 10,
      poolSize: 4,
    },
    "bootstrap-brokers": { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 2 },
    catalogue: { memoryMb: 1_024, timeoutSeconds: 10, reservedConcurrency: 100, provisionedConcurrency: 10, poolSize: 1 },
    checkout: { memoryMb: 1_024, timeoutSeconds: 29, reservedConcurrency: 250, provisionedConcurrency: 200, poolSize: 1 },
    documents: { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 20 },
    "event-reactor": { memoryMb: 1_769, timeoutSeconds: 60, reservedConcurrency: 12, poolSize: 2 },
    "expiry-sweeper": { memoryMb: 1_769, timeoutSeconds: 180, reservedConcurrency: 4, poolSize: 4 },
    fulfilment: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 5 },
    health: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 10, poolSize: 1 },
    "mail-feedback": { memoryMb: 256, timeoutSeconds: 15, reservedConcurrency: 5 },
    "not-found": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 50 },
    // Its environments are the rate limit of the mails (lib/guardrails/mail.ts).
    notifier: { memoryMb: 1024, timeoutSeconds: 60, reservedConcurrency: 2 },
    ops: { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 2 },
    // A whole vCPU, because a verification uses one core.
    "ops-checks": { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 2 },
    orders: { memoryMb: 1_024, timeoutSeconds: 10, reservedConcurrency: 50, provisionedConcurrency: 10, poolSize: 1 },
    pager: { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 2 },
    provisioner: { memoryMb: 512, timeoutSeconds: 600, reservedConcurrency: 1 },
    reservation: { memoryMb: 1_024, timeoutSeconds: 15, reservedConcurrency: 250, provisionedConcurrency: 100, poolSize: 1 },
    reserve: { memoryMb: 4_096, timeoutSeconds: 29, poolSize: 1 },
    "reserve-batch": { memoryMb: 1_769, timeoutSeconds: 29, reservedConcurrency: 20, poolSize: 2 },
    // One for each secret that it rotates: several may rotate at once, and each rotation takes minutes.
    "secret-rotation": { memoryMb: 256, timeoutSeconds: 900, reservedConcurrency: 3 },
    // Two: an operator's command may call it while the minute's call runs.
    warmer: { memoryMb: 512, timeoutSeconds: 50, reservedConcurrency: 2 },
    // Cognito waits five seconds for it at each sign-in, and refuses the sign-in otherwise.
    "token-claims": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 50 },
  },
  reserve: {
    kind: "managed-instances",
    minimumEnvironments: 60,
    maximumEnvironments: 66,
    // One for each vCPU of an environment.
    workersPerEnvironment: 2,
    requestsPerEnvironment: 64,
    memoryGiBPerVcpu: 2,
  },
  expiry,
  warmUp,
  edge: {
    readsPerMinutePerIp: 1_000,
    writesPerMinutePerIp: 100,
    readCeilingPerSecond: 500_000,
    writeCeilingPerSecond: 50_000,
    botControl: true,
    shieldAdvanced: false,
  },
  alarmEmails: { P0: ["sale-oncall@example.com"], P1: ["sale-oncall@example.com"], P2: ["sale-team@example.com"] },
  pagers: { P0: { service: "pagerduty" }, P1: { service: "pagerduty" } },
  // A month with one sale, sign-in of all its shoppers included, and room for Shield Advanced.
  budgetUsdPerMonth: 25_000,
  logRetentionDays: 90,
  tracingSampleRate: 0.01,
  retainData: true,
  quotas: {
    lambdaConcurrency: 5_000,
    apiRequestsPerSecond: 40_000,
    cloudFrontRequestsPerSecond: 400_000,
    mailsPerSecond: 200,
    mailsPerDay: 100_000,
    signInsPerSecond: 120,
    userReadsPerSecond: 200,
  },
  pipeline: { repository: "example/flash-sale", branch: "main" },
  disasterRecovery: {
    region: "eu-west-1",
    availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
  },
}
