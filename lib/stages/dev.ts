import type { StageConfig } from "../config.ts"
import { eventSources, expiry, warmUp } from "./shared.ts"

/** Small and cheap. Every part exists, at its minimum, so that the stacks have the same shape as in `prod`. */
export const dev: StageConfig = {
  name: "dev",
  region: "eu-central-1",
  availabilityZones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  network: { cidr: "10.42.0.0/16", natGateways: 1 },
  capacity: {
    // t3.small brokers accept four new IAM connections a second. Each cold environment of reserve opens one for each hot SKU.
    peakReservationsPerSecond: 25,
    peakReadsPerSecond: 250,
    edgeHitRate: 0.9,
    checkoutsPerSecond: 5,
    pollsPerSecond: 25,
    hotSkus: 1,
    recordBytes: 160,
  },
  sales: [],
  kafka: { kind: "standard", instanceType: "kafka.t3.small", brokersPerZone: 1, auth: "iam", storageGiBPerBroker: 20 },
  eventDelivery: "provisioned",
  eventSources: {
    ...eventSources,
    "inventory-batch-writer": { ...eventSources["inventory-batch-writer"], pollers: { minimum: 1, maximum: 1 } },
  },
  database: {
    instanceType: "t4g.medium",
    multiAz: true,
    allocatedGiB: 50,
    maxConnections: 350,
    analyticsReplicas: 0,
    backupRetentionDays: 1,
  },
  signIn: { shoppers: 1_000, minutesBefore: 30, accessTokenMinutes: 60 },
  // Stripe's sandbox allows 25.
  payments: { callsPerSecond: 20, publishableKey: "pk_test_of_your_account" },
  cache: { nodeType: "cache.t4g.small", replicas: 1 },
  functions: {
    admin: { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 2, poolSize: 2 },
    analytics: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 10 },
    // Two: an invocation may still end while the next one begins.
    "analytics-report": { memoryMb: 512, timeoutSeconds: 70, reservedConcurrency: 2 },
    availability: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 20, poolSize: 1 },
    "batch-writer": { memoryMb: 1_024, timeoutSeconds: 60, reservedConcurrency: 10, poolSize: 2 },
    "bootstrap-brokers": { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 2 },
    catalogue: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 10, poolSize: 1 },
    checkout: { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 10, poolSize: 1 },
    documents: { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 5 },
    "event-reactor": { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 10, poolSize: 2 },
    "expiry-sweeper": { memoryMb: 512, timeoutSeconds: 180, reservedConcurrency: 4, poolSize: 2 },
    fulfilment: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 5 },
    health: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 2, poolSize: 1 },
    "mail-feedback": { memoryMb: 256, timeoutSeconds: 15, reservedConcurrency: 1 },
    "not-found": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 5 },
    // Its environments are the rate limit of the mails (lib/guardrails/mail.ts).
    notifier: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 2 },
    ops: { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 2 },
    // A whole vCPU, because a verification uses one core.
    "ops-checks": { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 2 },
    orders: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 5, poolSize: 1 },
    pager: { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 2 },
    provisioner: { memoryMb: 512, timeoutSeconds: 600, reservedConcurrency: 1 },
    reservation: { memoryMb: 512, timeoutSeconds: 15, reservedConcurrency: 20, poolSize: 1 },
    reserve: { memoryMb: 1_024, timeoutSeconds: 29, reservedConcurrency: 20, poolSize: 1 },
    "reserve-batch": { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 2, poolSize: 2 },
    // One for each secret that it rotates: several may rotate at once, and each rotation takes minutes.
    "secret-rotation": { memoryMb: 256, timeoutSeconds: 900, reservedConcurrency: 3 },
    warmer: { memoryMb: 512, timeoutSeconds: 50, reservedConcurrency: 1 },
    // Cognito waits five seconds for it at each sign-in, and refuses the sign-in otherwise.
    "token-claims": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 2 },
  },
  reserve: { kind: "functions" },
  expiry,
  warmUp,
  edge: {
    readsPerMinutePerIp: 1_000,
    writesPerMinutePerIp: 100,
    readCeilingPerSecond: 5_000,
    writeCeilingPerSecond: 500,
    botControl: false,
    shieldAdvanced: false,
  },
  alarmEmails: { P0: ["sale-team@example.com"], P1: ["sale-team@example.com"], P2: ["sale-team@example.com"] },
  budgetUsdPerMonth: 1_200,
  logRetentionDays: 7,
  tracingSampleRate: 1,
  retainData: false,
  quotas: {
    // A new account has less than the documented 1,000: this is what dev counts on.
    lambdaConcurrency: 300,
    apiRequestsPerSecond: 10_000,
    cloudFrontRequestsPerSecond: 250_000,
    mailsPerSecond: 14,
    mailsPerDay: 50_000,
    signInsPerSecond: 120,
    userReadsPerSecond: 120,
  },
}
