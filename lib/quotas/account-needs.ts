import { lambdaLimits } from "../capacity/limits.ts"
import { sendsMail } from "../capacity/mail.ts"
import { functionsOutsideVpc } from "../capacity/placement.ts"
import { functionNames, type StageConfig } from "../config.ts"
import type { AccountNeed, AskedOf } from "./account-need.ts"

/** CloudFront is a service of no region: its quotas are asked for in this one. */
const edgeRegion = "us-east-1"
/** The second region has one NAT gateway (lib/stacks/disaster-recovery.ts). */
const standbyNatGateways = 1
/** vCPUs of the sizes of EC2's families; memory and processor do not change them. */
const vcpusOfSize: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 }

/**
 * The defaults of an account. Read in docs.aws.amazon.com: lambda/latest/dg/gettingstarted-limits.html (1,000 environments, "new
 * AWS accounts have reduced concurrency": how much less is not documented, accounts with 10 and with 50 were reported; 250
 * network interfaces of functions in a VPC), apigateway/latest/developerguide/limits.html,
 * msk/latest/developerguide/limits.html, AmazonVPC/latest/UserGuide/VPC_Appendix_Limits.html,
 * AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html and cognito/latest/developerguide/quotas.html. Assumed, not
 * read: databases, nodes of the cache, vCPUs, the sandbox of SES. They only decide which number is requested; the account is
 * asked for what it has.
 */
const defaults = {
  environments: 1_000,
  functionInterfaces: 250,
  apiRequestsPerSecond: 10_000,
  cloudFrontRequestsPerSecond: 250_000,
  distributions: 200,
  brokers: 90,
  elasticAddresses: 5,
  networks: 5,
  databases: 40,
  cacheNodes: 300,
  standardVcpus: 5,
  cognitoPerSecond: 120,
  mailsPerSecond: 1,
  mailsPerDay: 200,
} as const

/**
 * The codes, as Service Quotas itself lists them. They were read in a list that is generated from its API (gruntwork-io/
 * terraform-aws-utilities, modules/request-quota-increase), and for CloudFront in programs that use the code. No call was made to
 * AWS from here.
 */
const codes = {
  environments: "L-B99A9384",
  functionInterfaces: "L-9FEE3D26",
  apiRequests: "L-8A5B8E43",
  distributions: "L-24B04930",
  brokers: "L-EDD31C36",
  elasticAddresses: "L-0263D0A3",
  networks: "L-F678F1CE",
  databases: "L-7B6409FD",
  cacheNodes: "L-DFE45DF3",
  standardVcpus: "L-1216C47A",
  userAuthentication: "L-026ADBA3",
  userToken: "L-F21F8BB4",
  userResourceRead: "L-55545DC8",
  mailsPerSecond: "L-CDEF9B6B",
  mailsPerDay: "L-804C8AE8",
} as const

const quota = (service: string, code: string): AskedOf => ({ kind: "quota", service, code })

/** Everything that a stage needs of its account, computed from its config. An account carries one stage. */
export const accountNeeds = (stage: StageConfig): readonly AccountNeed[] => [
  ...functionNeeds(stage),
  ...edgeNeeds(stage),
  ...dataNeeds(stage),
  ...networkNeeds(stage),
  ...peopleNeeds(stage),
]

/** Environments that the functions reserve, and those that Lambda keeps for functions without a reservation. */
export const environmentsToReserve = ({ functions }: StageConfig): number =>
  functionNames.reduce<number>(
    (total, name) => total + (functions[name].reservedConcurrency ?? 0),
    lambdaLimits.unreservedConcurrency,
  )

function functionNeeds(stage: StageConfig): AccountNeed[] {
  const { region, quotas, availabilityZones, reserve, functions } = stage
  const reserved = environmentsToReserve(stage)
  const inVpc = functionNames.length - functionsOutsideVpc.size
  const needs: AccountNeed[] = [
    {
      item: "functions at the same time",
      needed: quotas.lambdaConcurrency,
      because: `the functions reserve ${reserved - lambdaLimits.unreservedConcurrency}, and Lambda keeps ${lambdaLimits.unreservedConcurrency} unreserved`,
      ...{ region, byDefault: defaults.environments, limits: "sale" },
      askedOf: { kind: "lambda", service: "lambda", code: codes.environments },
    },
    {
      item: "network interfaces of functions",
      needed: inVpc * availabilityZones.length,
      because: "one for each function in the network and zone, because each function has a security group of its own",
      ...{ region, byDefault: defaults.functionInterfaces, limits: "deployment" },
      askedOf: quota("lambda", codes.functionInterfaces),
    },
  ]
  if (reserve.kind === "functions") return needs
  const perEnvironment = functions.reserve.memoryMb / 1_024 / reserve.memoryGiBPerVcpu
  return [
    ...needs,
    {
      item: "vCPUs of managed instances",
      needed:
        Math.ceil(reserve.maximumEnvironments * perEnvironment) +
        Math.max(...(reserve.instanceTypes ?? [largestChosen]).map(vcpusOf), 0),
      because: "reserve.maximumEnvironments, and an instance that is replaced",
      ...{ region, byDefault: defaults.standardVcpus, limits: "sale" },
      askedOf: quota("ec2", codes.standardVcpus),
    },
  ]
}

/** What Lambda may start when a stage names no types. A belief: its documents name no largest size. */
const largestChosen = "c8g.16xlarge"

/** vCPUs of an instance type such as `c8g.4xlarge`; those of a size that is not known count as none. */
function vcpusOf(instanceType: string): number {
  const size = instanceType.split(".")[1] ?? ""
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? []
  return times === undefined ? (vcpusOfSize[size] ?? 0) : Number(times) * 4
}

const edgeNeeds = ({ region, quotas }: StageConfig): AccountNeed[] => [
  {
    item: "requests a second of API Gateway",
    needed: quotas.apiRequestsPerSecond,
    because: "quotas.apiRequestsPerSecond, which the synth compares with the peak",
    ...{ region, byDefault: defaults.apiRequestsPerSecond, limits: "sale" },
    askedOf: quota("apigateway", codes.apiRequests),
  },
  {
    item: "requests a second of CloudFront",
    needed: quotas.cloudFrontRequestsPerSecond,
    because: "quotas.cloudFrontRequestsPerSecond, which the synth compares with the peak",
    ...{ region: edgeRegion, byDefault: defaults.cloudFrontRequestsPerSecond, limits: "sale" },
    askedOf: {
      kind: "named",
      service: "cloudfront",
      name: "Requests per second per distribution",
      page: "https://console.aws.amazon.com/support/home#/case/create?issueType=service-limit-increase",
    },
  },
  {
    item: "distributions of CloudFront",
    needed: 1,
    because: "one a stage",
    ...{ region: edgeRegion, byDefault: defaults.distributions, limits: "deployment" },
    askedOf: quota("cloudfront", codes.distributions),
  },
]

function dataNeeds({ region, availabilityZones, kafka, database, cache, disasterRecovery }: StageConfig): AccountNeed[] {
  const brokers = (where: string, zones: number): AccountNeed => ({
    item: where === region ? "brokers" : `brokers in ${where}`,
    needed: zones * kafka.brokersPerZone,
    because: "kafka.brokersPerZone in each zone",
    ...{ region: where, byDefault: defaults.brokers, limits: "deployment" },
    askedOf: quota("kafka", codes.brokers),
  })
  const databases = (where: string, needed: number): AccountNeed => ({
    item: where === region ? "databases" : `databases in ${where}`,
    needed,
    because: where === region ? "PostgreSQL and its replicas for analysts" : "the standby of PostgreSQL",
    ...{ region: where, byDefault: defaults.databases, limits: "deployment" },
    askedOf: quota("rds", codes.databases),
  })
  return [
    brokers(region, availabilityZones.length),
    databases(region, 1 + database.analyticsReplicas),
    {
      item: "nodes of the cache",
      needed: 1 + cache.replicas,
      because: "the primary and its replicas",
      ...{ region, byDefault: defaults.cacheNodes, limits: "deployment" },
      askedOf: quota("elasticache", codes.cacheNodes),
    },
    ...(disasterRecovery === undefined
      ? []
      : [brokers(disasterRecovery.region, disasterRecovery.availabilityZones.length), databases(disasterRecovery.region, 1)]),
  ]
}

function networkNeeds({ region, network, disasterRecovery }: StageConfig): AccountNeed[] {
  const addresses = (where: string, natGateways: number): AccountNeed => ({
    item: where === region ? "elastic addresses" : `elastic addresses in ${where}`,
    needed: natGateways,
    because: "one for each NAT gateway",
    ...{ region: where, byDefault: defaults.elasticAddresses, limits: "deployment" },
    askedOf: quota("ec2", codes.elasticAddresses),
  })
  const networkIn = (where: string): AccountNeed => ({
    item: where === region ? "networks (VPC)" : `networks (VPC) in ${where}`,
    needed: 1,
    because: "one a stage and region; the default network of an account counts too",
    ...{ region: where, byDefault: defaults.networks, limits: "deployment" },
    askedOf: quota("vpc", codes.networks),
  })
  return [
    // An instance in place of the gateways has an address that belongs to nobody.
    ...(network.natInstance === undefined ? [addresses(region, network.natGateways)] : []),
    networkIn(region),
    ...(disasterRecovery === undefined
      ? []
      : [addresses(disasterRecovery.region, standbyNatGateways), networkIn(disasterRecovery.region)]),
  ]
}

/** Sign-in and mails: what Cognito and SES do for shoppers. */
function peopleNeeds(stage: StageConfig): AccountNeed[] {
  const { region, quotas, signIn } = stage
  const cognito = (item: string, code: string, needed: number, because: string): AccountNeed => ({
    ...{ item, needed: Math.ceil(needed), because, region },
    ...{ byDefault: defaults.cognitoPerSecond, limits: "sale", askedOf: quota("cognito-idp", code) },
  })
  const tokens = [
    cognito(
      "sign-ins a second",
      codes.userAuthentication,
      quotas.signInsPerSecond,
      "quotas.signInsPerSecond, which the synth compares with the crowd before the opening",
    ),
    cognito(
      "renewals of a sign-in a second",
      codes.userToken,
      signIn.shoppers / (signIn.accessTokenMinutes * 60),
      "each shopper once in the life of a token",
    ),
  ]
  if (!sendsMail(stage)) return tokens
  return [
    ...tokens,
    cognito(
      "addresses of shoppers a second",
      codes.userResourceRead,
      quotas.userReadsPerSecond,
      "quotas.userReadsPerSecond, which the synth compares with the notifier",
    ),
    {
      item: "mails a second",
      needed: quotas.mailsPerSecond,
      because: "quotas.mailsPerSecond, which the synth compares with the notifier",
      ...{ region, byDefault: defaults.mailsPerSecond, limits: "sale" },
      askedOf: { kind: "mail-rate", service: "ses", code: codes.mailsPerSecond },
    },
    {
      item: "mails a day",
      needed: quotas.mailsPerDay,
      because: "quotas.mailsPerDay, which the synth compares with the calendar",
      ...{ region, byDefault: defaults.mailsPerDay, limits: "sale" },
      askedOf: { kind: "mail-day", service: "ses", code: codes.mailsPerDay },
    },
  ]
}
