import { mostGenerations } from "../../core/contracts/topics.ts"
import type { StageConfig } from "../config.ts"
import { monthUsd } from "../cost/event-cost.ts"
import { hasKnownPrices } from "../cost/prices.ts"
import { generationOf } from "../requests-generation.ts"
import { type Guardrail, plain, when } from "./finding.ts"

const distinct = (zones: readonly string[]) => new Set(zones).size
const inRegion = (zones: readonly string[], region: string) =>
  zones.every((zone) => zone.startsWith(region) && zone.length === region.length + 1)

const zoneFindings = (label: string, region: string, zones: readonly string[], count: 2 | 3 = 3) =>
  when(zones.length !== count || distinct(zones) !== count || !inRegion(zones, region), () => ({
    found: `${label} is spread over ${zones.join(", ") || "no zone"}.`,
    allowed:
      count === 3
        ? `three different zones of ${region}: brokers, database and cache each lose at most one copy with a zone.`
        : `two different zones of ${region} in a trial: MSK takes no fewer, and each zone costs a broker.`,
    fix: `Name ${count === 3 ? "three" : "two"} zones (availabilityZones); nothing is looked up at synth.`,
  }))

/**
 * A stage names three zones: CDK would guess them, and express brokers need three. Standard brokers take two, which is enough for
 * a trial. Source: docs.aws.amazon.com/msk/latest/developerguide/msk-create-cluster.html.
 */
export const threeZones: Guardrail = ({ region, availabilityZones, trial, kafka }) =>
  zoneFindings(region, region, availabilityZones, trial === true && kafka.kind === "standard" ? 2 : 3)

/** Disaster recovery is in another region than the stage. */
export const recoveryIsElsewhere: Guardrail = ({ region, disasterRecovery }) => {
  if (disasterRecovery === undefined) return []
  return [
    ...zoneFindings("Disaster recovery", disasterRecovery.region, disasterRecovery.availabilityZones),
    ...when(disasterRecovery.region === region, () => ({
      found: `Disaster recovery is in ${region}, as the stage itself.`,
      allowed: "another region.",
      fix: "Change `disasterRecovery.region`.",
    })),
  ]
}

/**
 * The generation of the requests is in the name of their topic. The provisioner refuses one that goes back, or comes too early.
 */
export const generationIsNumbered: Guardrail = (config) => {
  const generation = generationOf(config)
  return when(!Number.isInteger(generation) || generation < 1 || generation > mostGenerations, () => ({
    found: `The requests are in generation ${plain(generation)}.`,
    allowed: `a whole number from 1 to ${plain(mostGenerations)}; it only grows, by one.`,
    fix: "Correct `requestsGeneration`: npm run ops -- generation show names the one in force.",
  }))
}

/** Every priority has an address. */
export const alarmsReachSomebody: Guardrail = ({ alarmEmails }) =>
  (["P0", "P1", "P2"] as const).flatMap((priority) =>
    when(alarmEmails[priority].length === 0 || !alarmEmails[priority].every((email) => /^[^@\s]+@[^@\s]+$/.test(email)), () => ({
      found: `Alarms of ${priority} go to ${alarmEmails[priority].join(", ") || "nobody"}.`,
      allowed: "at least one address.",
      fix: `Set \`alarmEmails.${priority}\`.`,
    })),
  )

/** A stage with sales calls somebody or mails somebody for a P0, and pages go over TLS. */
export const pagersAreReachable: Guardrail = ({ sales, pagers = {}, alarmEmails }) => [
  ...when(sales.length > 0 && pagers.P0 === undefined && alarmEmails.P0.length === 0, () => ({
    found: `The stage has ${plain(sales.length)} sales, and nobody hears of a P0.`,
    allowed: "a pager or an address for P0.",
    fix: "Set `pagers.P0` or `alarmEmails.P0`.",
  })),
  ...Object.entries(pagers).flatMap(([priority, { url }]) =>
    when(url !== undefined && !/^https:\/\/[^\s/]+/.test(url), () => ({
      found: `Pages of ${priority} go to ${url}.`,
      allowed: "an address that begins with https://: the key is in the call.",
      fix: `Correct \`pagers.${priority}.url\`, or leave it out.`,
    })),
  ),
]

/** In production, data survives the deletion of its stack, and the edge has Bot Control. */
export const productionIsProtected: Guardrail = (config: StageConfig) =>
  when(
    config.name === "prod" && (!config.retainData || !config.edge.botControl || config.database.backupRetentionDays < 7),
    () => ({
      found: `retainData is ${config.retainData}, botControl is ${config.edge.botControl}, backups last ${plain(config.database.backupRetentionDays)} days.`,
      allowed: "in prod: true, true and at least 7 days.",
      fix: "Correct `retainData`, `edge.botControl` or `database.backupRetentionDays`.",
    }),
  )

/** A budget below the cost cries every month; one far above it would not notice what was forgotten. */
const widestBudget = 2

/** The budget is about what a month costs. Sizes without a price are found by other guardrails. */
export const budgetMatchesCost: Guardrail = (config) => {
  if (!hasKnownPrices(config)) return []
  const usd = monthUsd(config)
  const { budgetUsdPerMonth } = config
  return when(!(budgetUsdPerMonth >= usd && budgetUsdPerMonth <= widestBudget * usd), () => ({
    found: `The budget is ${plain(budgetUsdPerMonth)} USD a month; a month costs about ${plain(Math.round(usd))} USD.`,
    allowed: `from ${plain(Math.ceil(usd))} to ${plain(Math.floor(widestBudget * usd))} USD.`,
    fix: "Change `budgetUsdPerMonth`, or the sizes: `npm run ops -- cost` shows what costs most.",
  }))
}

/**
 * In production the sale has a name: with CloudFront's generated one the API's own name would stay open, and shoppers would see
 * another address at their bank than in the mail. And it has a sender: Cognito itself sends 50 codes a day.
 */
export const productionHasName: Guardrail = ({ name, domain }) => [
  ...when(name === "prod" && domain === undefined, () => ({
    found: "The stage has no domain.",
    allowed: "in prod: a zone in Route 53 with a name for the page and one for the API.",
    fix: "Set `domain` (docs/DEPLOY.md).",
  })),
  ...when(name === "prod" && domain !== undefined && domain.senderAddress === undefined, () => ({
    found: "Codes for the sign-in have no sender: Cognito itself sends 50 mails a day.",
    allowed: "in prod: an address of a domain that Amazon SES has verified.",
    fix: "Set `domain.senderAddress` (docs/DEPLOY.md#sign-in).",
  })),
]

const isWithin = (host: string, zone: string): boolean => host === zone || host.endsWith(`.${zone}`)

/** Names that Route 53, ACM or SES would refuse only at the deployment. */
export const namesMakeSense: Guardrail = ({ domain }) => {
  if (domain === undefined) return []
  const { zoneName, siteName, apiName, senderAddress } = domain
  return [
    ...when(siteName === apiName || ![siteName, apiName].every((host) => isWithin(host, zoneName)), () => ({
      found: `The page is at ${siteName} and the API at ${apiName}; the zone is ${zoneName}.`,
      allowed: "two different names in the zone.",
      fix: "Correct `domain.siteName`, `domain.apiName` or `domain.zoneName`.",
    })),
    ...when(senderAddress !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(senderAddress), () => ({
      found: `The sender is ${senderAddress}.`,
      allowed: "an address, as no-reply@example.com.",
      fix: "Correct `domain.senderAddress`.",
    })),
  ]
}

/** Numbers that AWS would refuse only at the deployment. */
export const numbersMakeSense: Guardrail = ({ tracingSampleRate, budgetUsdPerMonth, database }) => [
  ...when(!(tracingSampleRate >= 0 && tracingSampleRate <= 1), () => ({
    found: `${plain(tracingSampleRate)} of the requests are traced.`,
    allowed: "from 0 to 1.",
    fix: "Correct `tracingSampleRate`.",
  })),
  ...when(!(budgetUsdPerMonth > 0), () => ({
    found: `The budget is ${plain(budgetUsdPerMonth)} USD a month.`,
    allowed: "above 0.",
    fix: "Correct `budgetUsdPerMonth`.",
  })),
  ...when(!(database.allocatedGiB >= 20 && database.allocatedGiB <= 65_536), () => ({
    found: `The database has ${plain(database.allocatedGiB)} GiB.`,
    allowed: "20 to 65,536 GiB.",
    fix: "Correct `database.allocatedGiB`.",
  })),
  ...when(
    database.iops !== undefined && (database.allocatedGiB < 400 || database.iops < 12_000 || database.iops > 64_000),
    () => ({
      found: `The database has ${plain(database.allocatedGiB)} GiB with ${plain(database.iops ?? 0)} IOPS.`,
      allowed:
        "12,000 to 64,000 IOPS on at least 400 GiB, or no `iops`: smaller gp3 volumes of PostgreSQL have 3,000 and take no other number.",
      fix: "Correct `database.iops` or `database.allocatedGiB`.",
    }),
  ),
]
