import type { EventSourceConfig, GroupName } from "../core/contracts/consumer-groups.ts"

export type StageName = "try" | "dev" | "load" | "prod"

/** Two zones are the fewest that MSK takes. */
export type Zones = readonly [string, string] | readonly [string, string, string]

/** The folders of `lambdas/`; each is one function. */
export const functionNames = [
  "admin",
  "analytics",
  "analytics-report",
  "availability",
  "batch-writer",
  "bootstrap-brokers",
  "catalogue",
  "checkout",
  "documents",
  "event-reactor",
  "expiry-sweeper",
  "fulfilment",
  "health",
  "mail-feedback",
  "not-found",
  "notifier",
  "ops",
  "ops-checks",
  "orders",
  "pager",
  "provisioner",
  "reservation",
  "reserve",
  "reserve-batch",
  "secret-rotation",
  "token-claims",
  "warmer",
] as const
export type FunctionName = (typeof functionNames)[number]

/** Functions that work on events of the sale, in a stack of their own. */
export const streamFunctionNames = [
  "analytics",
  "analytics-report",
  "event-reactor",
  "fulfilment",
  "mail-feedback",
  "notifier",
] as const satisfies readonly FunctionName[]
export type StreamFunctionName = (typeof streamFunctionNames)[number]
/**
 * The function of the pager is in a stack of its own, after the topics of the alarms; that of the user pool is in the stack of
 * the pool.
 */
export type AppFunctionName = Exclude<FunctionName, StreamFunctionName | "pager" | "token-claims">

/**
 * Everything `cdk synth` knows of a stage. The synth looks nothing up in an account: region and zones are named here,
 * because CDK would guess the zones.
 */
export interface StageConfig {
  readonly name: StageName
  readonly region: string
  readonly availabilityZones: Zones
  /**
   * True for a stage that is deployed to try the system: cost comes first. It has no sales, keeps no data, and stops with a zone.
   * lib/guardrails/trial.ts says which guardrails do not apply to it, and why.
   */
  readonly trial?: true
  /** The AWS account. bin/ sets it from the environment of the synth. */
  readonly account?: string
  /** Without a domain the sale is at CloudFront's generated name, and the stage has no certificate. `prod` must have one. */
  readonly domain?: {
    readonly hostedZoneId: string
    readonly zoneName: string
    readonly siteName: string
    readonly apiName: string
    /**
     * The sender of codes by e-mail and of notices; its domain is verified in Amazon SES in the stage's region. Without it
     * Cognito sends codes itself: 50 a day, which no sale can use; and shoppers get no notices. `prod` must have one.
     */
    readonly senderAddress?: string
  }
  readonly network: NetworkConfig
  readonly capacity: CapacityConfig
  readonly sales: readonly SaleConfig[]
  readonly kafka: KafkaConfig
  /**
   * How Lambda reads Kafka. Provisioned mappings have pollers of their own, which are billed by the hour, and deliver again only
   * the records that failed. On-demand mappings cost nothing, react within minutes, and deliver a failed batch again as a whole.
   */
  readonly eventDelivery: "provisioned" | "on-demand"
  /**
   * The generation of the topic of requests, from 1, which is the first if none is named. It only grows, by one, after `ops
   * generation move` has ended the one before (docs/RUNBOOK.md, "A second generation of the requests").
   */
  readonly requestsGeneration?: number
  /** The table of consumer groups, with the sizes of this stage. */
  readonly eventSources: Readonly<Record<GroupName, EventSourceConfig>>
  readonly signIn: SignInConfig
  readonly database: DatabaseConfig
  readonly payments: {
    /** Calls a second that all functions together make to the payment provider: the account's limit there, less a margin. */
    readonly callsPerSecond: number
    /** The provider's key for the page. It is public; the secret key is in Secrets Manager (docs/DEPLOY.md). */
    readonly publishableKey: string
  }
  readonly cache: { readonly nodeType: string; readonly replicas: 0 | 1 | 2 }
  readonly functions: Readonly<Record<FunctionName, FunctionConfig>>
  /** Where `reserve` runs. A function environment serves one request; on a managed instance many requests share connections. */
  readonly reserve: { readonly kind: "functions" } | ManagedInstancesConfig
  readonly expiry: ExpiryConfig
  /** When environments are warmed before a sale opens, and released after it has closed. */
  readonly warmUp: { readonly minutesBefore: number; readonly minutesAfter: number }
  readonly edge: EdgeConfig
  /** Addresses by priority: P0 pages at any hour, P1 pages in working hours, P2 is read the next day. */
  readonly alarmEmails: Readonly<Record<"P0" | "P1" | "P2", readonly string[]>>
  /** Priorities whose alarms page somebody, beside the mails; the keys are in Secrets Manager (docs/DEPLOY.md). */
  readonly pagers?: Readonly<Partial<Record<"P0" | "P1" | "P2", PagerConfig>>>
  /** Days of a month on which the stage is deployed; all of them when absent. */
  readonly daysPerMonth?: number
  /** An alarm of the bill. The guardrails compare it with what the model says of a month (lib/cost). */
  readonly budgetUsdPerMonth: number
  readonly logRetentionDays: 7 | 30 | 90 | 365
  /** Share of requests that X-Ray samples, 0 to 1. */
  readonly tracingSampleRate: number
  /** True keeps everything that holds data when its stack is deleted, and protects it from deletion. */
  readonly retainData: boolean
  /** The account's quotas after the increases that docs/DEPLOY.md lists. */
  readonly quotas: QuotaConfig
  readonly pipeline?: { readonly repository: string; readonly branch: string }
  readonly disasterRecovery?: { readonly region: string; readonly availabilityZones: readonly [string, string, string] }
}

/** The load that the stage must carry, as rates. The guardrails check the counts of machines against them. */
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

/** The reference sale is over in half a minute. */
export const defaultPlannedSeconds = 30

/** How shoppers sign in before a sale. Cognito limits the sign-ins of an account in a second, so that a crowd takes its time. */
export interface SignInConfig {
  /** The people who sign in for the largest sale. */
  readonly shoppers: number
  /** How long before the opening they are asked to sign in. */
  readonly minutesBefore: number
  /** The life of an access token: those who sign in early need no second one until the sale is over. */
  readonly accessTokenMinutes: number
}

/** One sale of the calendar. The pre-warm, the scale-down and the deploy freeze follow from it. Times are RFC 3339 in UTC. */
export interface SaleConfig {
  readonly skuId: string
  readonly opensAt: string
  readonly closesAt: string
  readonly units: number
  /** In how many seconds the units should be sold; defaultPlannedSeconds when absent. The alarm DepletionRateOff compares. */
  readonly plannedSeconds?: number
  readonly priceMinor: number
  readonly holdSeconds: number
}

export interface NetworkConfig {
  readonly cidr: string
  readonly natGateways: 1 | 2 | 3
  /**
   * The type of one EC2 instance that takes the place of the gateways and of the endpoints: all functions reach the services of
   * AWS through it. Only for a trial: while it restarts, nothing reaches them.
   */
  readonly natInstance?: string
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

export interface DatabaseConfig {
  readonly instanceType: string
  readonly multiAz: boolean
  readonly allocatedGiB: number
  readonly iops?: number
  readonly maxConnections: number
  /** For analysts only: no request of a shopper may read from one. */
  readonly analyticsReplicas: number
  /**
   * The size of each such copy; that of the database when absent. PostgreSQL stops a copy that allows fewer connections than its
   * source, so that it cannot be of any size.
   */
  readonly analyticsInstanceType?: string
  readonly backupRetentionDays: number
}

export interface FunctionConfig {
  readonly memoryMb: number
  readonly timeoutSeconds: number
  /** The maximum of environments, taken out of the account's concurrency. Absent on managed instances. */
  readonly reservedConcurrency?: number
  /** Environments kept warm while a sale is near or open. */
  readonly provisionedConcurrency?: number
  /** DATABASE_POOL_SIZE, for functions that read it. */
  readonly poolSize?: number
}

export interface ManagedInstancesConfig {
  readonly kind: "managed-instances"
  /** Set before the opening: Lambda adds no environments when requests arrive. */
  readonly minimumEnvironments: number
  readonly maximumEnvironments: number
  /**
   * Worker threads of an environment. Each loads the function for itself: it has pools and producers of its own, and serves
   * many requests. Lambda's default is 8 for each vCPU, which would multiply all connections.
   */
  readonly workersPerEnvironment: number
  readonly requestsPerEnvironment: number
  readonly memoryGiBPerVcpu: 2 | 4 | 8
  /**
   * The only types that Lambda may start. When absent it takes what fits: between sales small instances, at the peak large ones.
   */
  readonly instanceTypes?: readonly string[]
}

/** How the sweeper runs: the schedule starts an invocation, which sweeps many times and overlaps the next invocation. */
export interface ExpiryConfig {
  readonly sweepIntervalSeconds: number
  readonly invocationSeconds: number
  readonly scheduleSeconds: number
}

export interface EdgeConfig {
  readonly readsPerMinutePerIp: number
  readonly writesPerMinutePerIp: number
  /** Ceilings over all addresses together, a second. */
  readonly readCeilingPerSecond: number
  readonly writeCeilingPerSecond: number
  readonly botControl: boolean
  readonly shieldAdvanced: boolean
}

export interface PagerConfig {
  readonly service: "pagerduty" | "opsgenie"
  /**
   * The address of the service's events, where it is not the service's own: PagerDuty in the EU, or Jira Service Management,
   * which takes Opsgenie's form.
   */
  readonly url?: string
}

export interface QuotaConfig {
  readonly lambdaConcurrency: number
  readonly apiRequestsPerSecond: number
  readonly cloudFrontRequestsPerSecond: number
  /** Of Amazon SES in the region. They count where the stage has a sender address. */
  readonly mailsPerSecond: number
  readonly mailsPerDay: number
  /** Of Amazon Cognito in the region, a second: `UserAuthentication`, which a sign-in needs once, and `UserResourceRead`. */
  readonly signInsPerSecond: number
  readonly userReadsPerSecond: number
}
