import type { topics } from "../core/contracts/topics.ts"

export type StageName = "dev" | "load" | "prod"
export type TopicKey = keyof typeof topics

/** The folders of `lambdas/`; each is one function. */
export const functionNames = [
  "admin",
  "availability",
  "batch-writer",
  "bootstrap-brokers",
  "catalogue",
  "checkout",
  "documents",
  "event-reactor",
  "expiry-sweeper",
  "health",
  "not-found",
  "ops",
  "orders",
  "provisioner",
  "reservation",
  "reserve",
  "reserve-batch",
  "secret-rotation",
] as const
export type FunctionName = (typeof functionNames)[number]

/** Everything `cdk synth` knows of a stage. It looks nothing up: region and zones are named here, because a guess gives two zones and MSK needs three. */
export interface StageConfig {
  readonly name: StageName
  readonly region: string
  readonly availabilityZones: readonly [string, string, string]
  /** The AWS account; bin/ sets it from the environment of the synth. */
  readonly account?: string
  /** Without it CloudFront's own name serves the sale, and no certificate is made. */
  readonly domain?: {
    readonly hostedZoneId: string
    readonly zoneName: string
    readonly siteName: string
    readonly apiName: string
  }
  readonly network: { readonly cidr: string; readonly natGateways: 1 | 2 | 3 }
  readonly capacity: CapacityConfig
  readonly sales: readonly SaleConfig[]
  readonly kafka: KafkaConfig
  readonly eventSources: Readonly<Record<TopicKey, EventSourceConfig>>
  readonly database: DatabaseConfig
  /** Calls a second to the payment provider of all functions together: its own limit for the account, less a margin. */
  readonly payments: { readonly callsPerSecond: number }
  readonly cache: { readonly nodeType: string; readonly replicas: 0 | 1 | 2 }
  readonly functions: Readonly<Record<FunctionName, FunctionConfig>>
  /** Where `reserve` runs. Functions serve one request each; managed instances share connections and linger among many. */
  readonly reserve: { readonly kind: "functions" } | ManagedInstancesConfig
  readonly expiry: ExpiryConfig
  /** When environments are warmed before a sale opens, and let go after it has closed. */
  readonly warmUp: { readonly minutesBefore: number; readonly minutesAfter: number }
  readonly edge: EdgeConfig
  /** Who is told, by priority: P0 pages, P1 pages in working hours, P2 is read next day. */
  readonly alarmEmails: Readonly<Record<"P0" | "P1" | "P2", readonly string[]>>
  readonly budgetUsdPerMonth: number
  readonly logRetentionDays: 7 | 30 | 90 | 365
  /** Share of requests that X-Ray samples, 0 to 1. */
  readonly tracingSampleRate: number
  /** True keeps everything that holds data when its stack goes, and protects it from deletion. */
  readonly retainData: boolean
  /** What the account may do after the increases that docs/DEPLOY.md tells to ask for. */
  readonly quotas: QuotaConfig
  readonly pipeline?: { readonly repository: string; readonly branch: string }
  readonly disasterRecovery?: { readonly region: string; readonly availabilityZones: readonly [string, string, string] }
}

/** The load the stage must carry, as rates: counts of machines follow from them and are checked against them. */
export interface CapacityConfig {
  /** Reservation attempts a second at the peak, over all SKUs. */
  readonly peakReservationsPerSecond: number
  /** Reads a second at the peak, as CloudFront sees them. */
  readonly peakReadsPerSecond: number
  /** Share of reads that CloudFront answers itself, 0 to 1. */
  readonly edgeHitRate: number
  readonly checkoutsPerSecond: number
  /** Status polls, cancels and orders a second. */
  readonly pollsPerSecond: number
  /** SKUs that share the peak; each has a partition of its own. 1 means that one partition carries all of it. */
  readonly hotSkus: number
  /** Bytes of a request record on the wire, with headers and its share of the batch. */
  readonly recordBytes: number
}

/** One sale of the calendar: the pre-warm, the scale-down and the deploy freeze follow from it. Times are RFC 3339 in UTC. */
export interface SaleConfig {
  readonly skuId: string
  readonly opensAt: string
  readonly closesAt: string
  readonly units: number
  readonly priceMinor: number
  readonly holdSeconds: number
}

export interface KafkaConfig {
  readonly kind: "express" | "standard"
  /** `express.m7g.large`, or `kafka.m7g.large` for standard. */
  readonly instanceType: string
  readonly brokersPerZone: number
  readonly auth: "iam" | "scram"
  /** Standard brokers have disks; express brokers bring their own storage. */
  readonly storageGiBPerBroker?: number
}

/** How a consumer group of a topic is fed. */
export interface EventSourceConfig {
  readonly batchSize: number
  /** 0: Lambda's default of half a second breaks the service level. */
  readonly maximumBatchingWindowSeconds: number
  /** Pollers are fixed (min = max): they do not scale up in time for a sale. */
  readonly pollers: { readonly minimum: number; readonly maximum: number }
  /** -1 retries for ever. */
  readonly retryAttempts: number
  /** Must stay absent: with a destination "for ever" becomes ten, and an outage would drop accepted requests. */
  readonly onFailureTopic?: string
}

export interface DatabaseConfig {
  readonly instanceType: string
  readonly multiAz: boolean
  readonly allocatedGiB: number
  readonly iops?: number
  readonly maxConnections: number
  /** For analysts only: no path of a shopper may name one. */
  readonly analyticsReplicas: number
  readonly backupRetentionDays: number
}

export interface FunctionConfig {
  readonly memoryMb: number
  readonly timeoutSeconds: number
  /** Environments at most; taken out of the account's concurrency. Absent on managed instances. */
  readonly reservedConcurrency?: number
  /** Environments kept warm while a sale is near or open. */
  readonly provisionedConcurrency?: number
  /** DATABASE_POOL_SIZE, where the function reads it. */
  readonly poolSize?: number
}

export interface ManagedInstancesConfig {
  readonly kind: "managed-instances"
  /** Set before T0: environments are not added on arrival. */
  readonly minimumEnvironments: number
  readonly maximumEnvironments: number
  readonly requestsPerEnvironment: number
  readonly memoryGiBPerVcpu: 2 | 4 | 8
  readonly instanceTypes: readonly string[]
}

/** How the sweeper runs: the schedule starts it, an invocation sweeps again and again and overlaps the next. */
export interface ExpiryConfig {
  readonly sweepIntervalSeconds: number
  readonly invocationSeconds: number
  readonly scheduleSeconds: number
}

export interface EdgeConfig {
  readonly readsPerMinutePerIp: number
  readonly writesPerMinutePerIp: number
  /** Ceilings over everybody, a second. */
  readonly readCeilingPerSecond: number
  readonly writeCeilingPerSecond: number
  readonly botControl: boolean
  readonly shieldAdvanced: boolean
}

export interface QuotaConfig {
  readonly lambdaConcurrency: number
  readonly apiRequestsPerSecond: number
  readonly cloudFrontRequestsPerSecond: number
}
