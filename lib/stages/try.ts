import type { EventSourceConfig, GroupName } from "../../core/contracts/consumer-groups.ts"
import type { StageConfig } from "../config.ts"
import { dev } from "./dev.ts"
import { eventSources, expiry, warmUp } from "./shared.ts"

/** Deliveries of one group at the same time: a trial has few SKUs, each on one partition. */
const deliveriesAtOnce = 2

/**
 * The whole system for a day, at most about seven dollars: deployed with one command, tried, and removed with one command. It has
 * every part of `prod` at its smallest size, in the two zones that MSK needs. A test holds its cost.
 */
export const trial: StageConfig = {
  name: "try",
  region: "eu-west-1",
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  trial: true,
  network: { cidr: "10.43.0.0/16", natGateways: 1, natInstance: "t4g.nano" },
  capacity: {
    // t3.small brokers accept four new IAM connections a second. Each cold environment of reserve opens one for each hot SKU.
    peakReservationsPerSecond: 10,
    peakReadsPerSecond: 100,
    edgeHitRate: 0.9,
    checkoutsPerSecond: 2,
    pollsPerSecond: 10,
    hotSkus: 1,
    recordBytes: 160,
  },
  sales: [],
  kafka: { kind: "standard", instanceType: "kafka.t3.small", brokersPerZone: 1, auth: "iam", storageGiBPerBroker: 5 },
  eventDelivery: "on-demand",
  eventSources: Object.fromEntries(
    Object.entries(eventSources).map(([group, source]) => [group, { ...source, concurrency: deliveriesAtOnce }]),
  ) as Record<GroupName, EventSourceConfig>,
  signIn: { shoppers: 100, minutesBefore: 30, accessTokenMinutes: 60 },
  database: {
    instanceType: "t4g.small",
    multiAz: false,
    allocatedGiB: 20,
    maxConnections: 200,
    analyticsReplicas: 0,
    backupRetentionDays: 1,
  },
  // Stripe's sandbox allows 25.
  payments: { callsPerSecond: 20, publishableKey: "pk_test_of_your_account" },
  cache: { nodeType: "cache.t4g.micro", replicas: 0 },
  functions: {
    admin: { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 2, poolSize: 2 },
    analytics: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 2 },
    // Two: an invocation may still end while the next one begins. It runs without a pause, as the sweeper does: memory is money.
    "analytics-report": { memoryMb: 192, timeoutSeconds: 70, reservedConcurrency: 2 },
    availability: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 5, poolSize: 1 },
    "batch-writer": { memoryMb: 1_024, timeoutSeconds: 60, reservedConcurrency: 2, poolSize: 2 },
    "bootstrap-brokers": { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 1 },
    catalogue: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 3, poolSize: 1 },
    checkout: { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 5, poolSize: 1 },
    documents: { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 2 },
    "event-reactor": { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 2, poolSize: 2 },
    "expiry-sweeper": { memoryMb: 232, timeoutSeconds: 180, reservedConcurrency: 4, poolSize: 1 },
    fulfilment: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 2 },
    health: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 2, poolSize: 1 },
    "mail-feedback": { memoryMb: 256, timeoutSeconds: 15, reservedConcurrency: 1 },
    "not-found": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 1 },
    notifier: { memoryMb: 512, timeoutSeconds: 60, reservedConcurrency: 2 },
    ops: { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 2 },
    "ops-checks": { memoryMb: 1_769, timeoutSeconds: 900, reservedConcurrency: 1 },
    orders: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 2, poolSize: 1 },
    pager: { memoryMb: 256, timeoutSeconds: 60, reservedConcurrency: 1 },
    provisioner: { memoryMb: 512, timeoutSeconds: 600, reservedConcurrency: 1 },
    reservation: { memoryMb: 512, timeoutSeconds: 15, reservedConcurrency: 5, poolSize: 1 },
    reserve: { memoryMb: 1_024, timeoutSeconds: 29, reservedConcurrency: 10, poolSize: 1 },
    "reserve-batch": { memoryMb: 512, timeoutSeconds: 29, reservedConcurrency: 1, poolSize: 2 },
    "secret-rotation": { memoryMb: 256, timeoutSeconds: 900, reservedConcurrency: 3 },
    "token-claims": { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 2 },
    warmer: { memoryMb: 256, timeoutSeconds: 50, reservedConcurrency: 1 },
  },
  reserve: { kind: "functions" },
  expiry,
  warmUp,
  // A rehearsal plays many shoppers from one address.
  edge: {
    ...dev.edge,
    readsPerMinutePerIp: dev.edge.readCeilingPerSecond * 60,
    writesPerMinutePerIp: dev.edge.writeCeilingPerSecond * 60,
  },
  alarmEmails: { P0: ["sale-team@example.com"], P1: ["sale-team@example.com"], P2: ["sale-team@example.com"] },
  budgetUsdPerMonth: 230,
  logRetentionDays: 7,
  tracingSampleRate: 1,
  retainData: false,
  quotas: dev.quotas,
}
