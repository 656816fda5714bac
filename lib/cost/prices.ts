import type { StageConfig } from "../config.ts"

/** What a unit costs, in USD. */
export interface Price {
  readonly usd: number
  readonly per: string
  /** The public price page with the figure. */
  readonly source: string
}

/**
 * The month of the figures. They are public on-demand list prices of us-east-1, as last known and rounded; the model looks
 * nothing up. Compare them with the pages before a decision: docs/COST.md says how much the result depends on them.
 */
export const pricesAsOf = "2025-12"

const price = (usd: number, per: string, page: string): Price => ({ usd, per, source: `https://aws.amazon.com/${page}` })

/** List prices of us-east-1; prices at the edge are Europe's. */
export const prices = {
  cloudFrontRequests: price(1.2, "million HTTPS requests", "cloudfront/pricing/"),
  cloudFrontData: price(0.085, "GB to shoppers", "cloudfront/pricing/"),
  cloudFrontFunctions: price(0.1 + 0.03, "million runs of a function that reads a key", "cloudfront/pricing/"),
  cognitoUser: price(0.02, "shopper who signs in during a month, feature plan Plus", "cognito/pricing/"),
  wafRequests: price(0.6, "million requests", "waf/pricing/"),
  wafBotControl: price(10, "million requests inspected, targeted", "waf/pricing/"),
  wafAcl: price(5, "month of a web ACL", "waf/pricing/"),
  wafRule: price(1, "month of a rule", "waf/pricing/"),
  wafBotControlGroup: price(10, "month of Bot Control", "waf/pricing/"),
  apiRequests: price(1, "million requests", "api-gateway/pricing/"),
  lambdaRequests: price(0.2, "million requests", "lambda/pricing/"),
  lambdaGbSeconds: price(0.0000133334, "GB-second, arm64", "lambda/pricing/"),
  lambdaProvisionedGbSeconds: price(0.0000033334, "GB-second kept warm, arm64", "lambda/pricing/"),
  lambdaPollers: price(0.185, "hour of an event poller unit", "lambda/pricing/"),
  /** EC2's price of a c8g.4xlarge with its 16 vCPUs, plus Lambda's fee of 15 %. */
  managedVcpu: price((0.638 / 16) * 1.15, "hour of a vCPU of a managed instance", "lambda/pricing/"),
  kafkaDataIn: price(0.01, "GB written to express brokers", "msk/pricing/"),
  kafkaStorage: price(0.1, "GB-month", "msk/pricing/"),
  tableWrites: price(0.625, "million write units of DynamoDB, on demand", "dynamodb/pricing/on-demand/"),
  tableReads: price(0.125, "million read units of DynamoDB, on demand", "dynamodb/pricing/on-demand/"),
  mails: price(0.1, "thousand mails", "ses/pricing/"),
  kafkaReplicator: price(0.3, "hour of a replicator", "msk/pricing/"),
  databaseStorage: price(0.115, "GB-month of gp3, of each copy", "rds/postgresql/pricing/"),
  instanceDisk: price(0.08, "GB-month of gp3", "ebs/pricing/"),
  publicAddress: price(0.005, "hour of a public IPv4 address", "vpc/pricing/"),
  publicNat: price(0.045, "hour of a NAT gateway", "vpc/pricing/"),
  endpoint: price(0.01, "hour of an interface endpoint in a zone", "privatelink/pricing/"),
  zoneTransfer: price(0.02, "GB between zones, both directions", "ec2/pricing/on-demand/"),
  logs: price(0.5, "GB taken in", "cloudwatch/pricing/"),
  metrics: price(0.3, "month of a custom metric", "cloudwatch/pricing/"),
  alarms: price(0.1, "month of an alarm metric", "cloudwatch/pricing/"),
  fastAlarms: price(0.3, "month of an alarm metric of ten seconds", "cloudwatch/pricing/"),
  compositeAlarms: price(0.5, "month of an alarm on alarms", "cloudwatch/pricing/"),
  traces: price(5, "million traces recorded", "xray/pricing/"),
  dashboards: price(3, "month of a dashboard", "cloudwatch/pricing/"),
  keys: price(1, "month of a key", "kms/pricing/"),
  secrets: price(0.4, "month of a secret", "secrets-manager/pricing/"),
  shieldAdvanced: price(3_000, "month, with a year's commitment", "shield/pricing/"),
} as const satisfies Record<string, Price>

/** USD an hour of a Kafka broker. Source: https://aws.amazon.com/msk/pricing/ */
export const brokerHour: Readonly<Record<string, number>> = {
  "kafka.t3.small": 0.0456,
  "kafka.m7g.large": 0.204,
  "kafka.m7g.xlarge": 0.408,
  "express.m7g.large": 0.408,
  "express.m7g.xlarge": 0.816,
  "express.m7g.4xlarge": 3.264,
}

/** USD an hour of one PostgreSQL instance; Multi-AZ is two. Source: https://aws.amazon.com/rds/postgresql/pricing/ */
export const databaseHour: Readonly<Record<string, number>> = {
  "t4g.small": 0.032,
  "t4g.medium": 0.065,
  "r8g.large": 0.24,
  "r8g.xlarge": 0.48,
  "r8g.2xlarge": 0.96,
  "r8g.4xlarge": 1.91,
  "r8g.8xlarge": 3.82,
}

/** USD an hour of a Valkey node. Source: https://aws.amazon.com/elasticache/pricing/ */
export const cacheHour: Readonly<Record<string, number>> = {
  "cache.t4g.micro": 0.0128,
  "cache.t4g.small": 0.0256,
  "cache.r7g.large": 0.175,
  "cache.r7g.xlarge": 0.35,
  "cache.r7g.2xlarge": 0.7,
  "cache.r7g.4xlarge": 1.4,
}

/** USD an hour of an EC2 instance that is a way out of the network. Source: https://aws.amazon.com/ec2/pricing/on-demand/ */
export const natInstanceHour: Readonly<Record<string, number>> = { "t4g.nano": 0.0042, "t4g.micro": 0.0084 }

/** Factor of a region's prices over those of us-east-1, rounded. The edge is priced by the shoppers' location. */
export const regionFactor: Readonly<Record<string, number>> = {
  "us-east-1": 1,
  "eu-west-1": 1.1,
  "eu-central-1": 1.15,
  "eu-north-1": 1.05,
}

/** The price of a size. @throws Error that names the table to extend */
export function priceOf(table: Readonly<Record<string, number>>, size: string): number {
  const usd = table[size]
  if (usd === undefined) throw new Error(`The price of ${size} is not known: add it, with its source, to lib/cost/prices.ts.`)
  return usd
}

/** Whether every size of a stage, and its region, has a price. */
export const hasKnownPrices = ({ kafka, database, cache, network, region, disasterRecovery }: StageConfig): boolean =>
  kafka.instanceType in brokerHour &&
  database.instanceType in databaseHour &&
  (database.analyticsInstanceType ?? database.instanceType) in databaseHour &&
  cache.nodeType in cacheHour &&
  (network.natInstance === undefined || network.natInstance in natInstanceHour) &&
  region in regionFactor &&
  (disasterRecovery === undefined || disasterRecovery.region in regionFactor)
