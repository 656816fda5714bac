import { busySeconds, type PeakFunction, webhooksPerCheckout } from "../capacity/demand.ts"
import { plannedCycle } from "../capacity/writer-queue.ts"
import type { FunctionName, StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { pageLoad, pageLoadEntrances } from "./page-load.ts"
import { priceOf, prices, regionFactor } from "./prices.ts"
import type { Profile } from "./profile.ts"

const million = 1_000_000
const bytesPerGb = 1_000_000_000

/** Bytes of a compressed answer with its headers; bytes that a request at the origin logs and moves between zones. */
const bytesPerAnswer = 1_000
const logBytesPerOriginRequest = 100
const zoneBytesPerOriginRequest = 3_000

const count = (value: number): string => {
  if (value >= million) return `${(value / million).toFixed(1)} M`
  return value >= 1_000 ? `${(value / 1_000).toFixed(0)} k` : value.toFixed(0)
}

const writesOf = ({ reservations, polls, checkouts }: Profile) => reservations + polls + checkouts * (1 + webhooksPerCheckout)
const originReadsOf = (config: StageConfig, profile: Profile) => profile.reads * (1 - config.capacity.edgeHitRate)
const originRequestsOf = (config: StageConfig, profile: Profile) => originReadsOf(config, profile) + writesOf(profile)
export const factorOf = (config: StageConfig): number => priceOf(regionFactor, config.region)

/** What is billed by the shoppers' location: every request passes CloudFront and WAF, cached answers included. */
export function edgeLines(config: StageConfig, profile: Profile): readonly CostLine[] {
  const files = profile.pages * pageLoad.requests
  const requests = profile.reads + files + writesOf(profile)
  // Bot Control inspects writes and the page only (lib/constructs/edge-rules.ts): inspecting reads of stock would cost more than
  // the sale.
  const inspected = config.edge.botControl ? profile.reservations + profile.checkouts + profile.pages : 0
  const gigabytes = ((requests - files) * bytesPerAnswer + profile.pages * pageLoad.bytes) / bytesPerGb
  const entrances = profile.pages * pageLoadEntrances
  return [
    {
      component: "CloudFront",
      usd: (requests / million) * prices.cloudFrontRequests.usd + gigabytes * prices.cloudFrontData.usd,
      basis: `${count(requests)} requests, ${gigabytes.toFixed(1)} GB`,
    },
    {
      component: "Page's entrances",
      usd: (entrances / million) * prices.cloudFrontFunctions.usd,
      basis: `${count(profile.pages)} page loads, ${count(entrances)} runs of the function`,
    },
    {
      component: "WAF",
      usd: (requests / million) * prices.wafRequests.usd,
      basis: `${count(requests)} requests`,
    },
    {
      component: "WAF Bot Control",
      usd: (inspected / million) * prices.wafBotControl.usd,
      basis: config.edge.botControl ? `${count(inspected)} writes and pages` : "off",
    },
  ]
}

/** Milliseconds and requests of the API's functions. Reserve on managed instances costs by the hour (standing-cost.ts). */
function functionLine(config: StageConfig, profile: Profile): CostLine {
  const calls: Record<PeakFunction, number> = {
    availability: originReadsOf(config, profile),
    reserve: profile.reservations,
    reservation: profile.polls,
    checkout: profile.checkouts,
  }
  const gbSeconds = (name: FunctionName, seconds: number) => (config.functions[name].memoryMb / 1_024) * seconds
  const billed = (Object.keys(calls) as PeakFunction[]).filter(
    (name) => name !== "reserve" || config.reserve.kind === "functions",
  )
  const answering = billed.map((name) => gbSeconds(name, calls[name] * busySeconds[name]))
  // Counts every reservation as decided, though admission refuses most of them: an upper bound.
  const writing = gbSeconds("batch-writer", (profile.reservations * 2 * plannedCycle.msPerRecord) / 1_000)
  const sweeping = gbSeconds("expiry-sweeper", profile.durationSeconds * 2)
  const used = [...answering, writing, sweeping].reduce((total, part) => total + part, 0)
  const webhooks = profile.checkouts * webhooksPerCheckout
  const requests = Object.values(calls).reduce((total, part) => total + part, webhooks)
  return {
    component: "Lambda",
    usd: (requests / million) * prices.lambdaRequests.usd + used * prices.lambdaGbSeconds.usd * factorOf(config),
    basis: `${count(requests)} requests, ${count(used)} GB-s`,
  }
}

/** What is billed in the region by request. */
export function requestLines(config: StageConfig, profile: Profile): readonly CostLine[] {
  const factor = factorOf(config)
  const requests = originRequestsOf(config, profile)
  const written = (profile.reservations * config.capacity.recordBytes) / bytesPerGb
  const moved = (requests * zoneBytesPerOriginRequest) / bytesPerGb
  const logged = (requests * logBytesPerOriginRequest) / bytesPerGb
  const traced = requests * config.tracingSampleRate
  return [
    {
      component: "API Gateway",
      usd: (requests / million) * prices.apiRequests.usd * factor,
      basis: `${count(requests)} requests`,
    },
    functionLine(config, profile),
    {
      component: "Kafka data",
      usd: config.kafka.kind === "express" ? written * prices.kafkaDataIn.usd * factor : 0,
      basis: `${written.toFixed(2)} GB written`,
    },
    { component: "Between zones", usd: moved * prices.zoneTransfer.usd * factor, basis: `${moved.toFixed(1)} GB` },
    {
      component: "Logs and traces",
      usd: (logged * prices.logs.usd + (traced / million) * prices.traces.usd) * factor,
      basis: `${logged.toFixed(2)} GB, ${count(traced)} traces`,
    },
  ]
}
