import { apiRequestsPerSecond, edgeRequestsPerSecond } from "../capacity/demand.ts"
import { type Guardrail, plain, when } from "./finding.ts"

/** WAF counts a rate in windows of 60 s and takes limits from 10. */
const leastRateLimit = 10

/** Beyond the account's quota API Gateway answers 429, before any of our code runs. */
export const apiQuotaFits: Guardrail = (config) => {
  const demand = apiRequestsPerSecond(config)
  return when(demand > config.quotas.apiRequestsPerSecond, () => ({
    found: `API Gateway sees ${plain(demand)} requests/s at the peak.`,
    allowed: `${plain(config.quotas.apiRequestsPerSecond)}, the account's quota in ${config.region}.`,
    fix: "Have the quota raised (docs/DEPLOY.md) and then `quotas.apiRequestsPerSecond`, or lower the declared rates.",
  }))
}

/** Beyond a distribution's quota CloudFront answers 503. */
export const edgeQuotaFits: Guardrail = (config) => {
  const demand = edgeRequestsPerSecond(config)
  return when(demand > config.quotas.cloudFrontRequestsPerSecond, () => ({
    found: `CloudFront sees ${plain(demand)} requests/s at the peak.`,
    allowed: `${plain(config.quotas.cloudFrontRequestsPerSecond)}, the quota of a distribution.`,
    fix: "Have the quota raised (docs/DEPLOY.md) and then `quotas.cloudFrontRequestsPerSecond`, or lower the declared rates.",
  }))
}

/** The edge's ceilings must be above the declared peak, or the edge refuses shoppers as an attack. */
export const ceilingsAreAbovePeak: Guardrail = ({ edge, capacity }) => [
  ...when(edge.readCeilingPerSecond < capacity.peakReadsPerSecond, () => ({
    found: `The edge stops reads beyond ${plain(edge.readCeilingPerSecond)}/s; the sale brings ${plain(capacity.peakReadsPerSecond)}/s.`,
    allowed: `at least ${plain(capacity.peakReadsPerSecond)}/s; twice the peak is usual.`,
    fix: "Raise `edge.readCeilingPerSecond`.",
  })),
  ...when(edge.writeCeilingPerSecond < capacity.peakReservationsPerSecond, () => ({
    found: `The edge stops writes beyond ${plain(edge.writeCeilingPerSecond)}/s; the sale brings ${plain(capacity.peakReservationsPerSecond)}/s.`,
    allowed: `at least ${plain(capacity.peakReservationsPerSecond)}/s; twice the peak is usual.`,
    fix: "Raise `edge.writeCeilingPerSecond`.",
  })),
]

/** WAF accepts no limit below its minimum, and many shoppers may share one address. */
export const addressLimitsHold: Guardrail = ({ edge }) =>
  when(edge.readsPerMinutePerIp < leastRateLimit || edge.writesPerMinutePerIp < leastRateLimit, () => ({
    found: `An address may send ${plain(edge.readsPerMinutePerIp)} reads and ${plain(edge.writesPerMinutePerIp)} writes a minute.`,
    allowed: `at least ${leastRateLimit} of each: WAF takes no lower limit, and offices share an address.`,
    fix: "Raise `edge.readsPerMinutePerIp` or `edge.writesPerMinutePerIp`.",
  }))

/** The rates are numbers above 0: the other guardrails divide by them. */
export const ratesMakeSense: Guardrail = ({ capacity }) => {
  const rates = [
    capacity.peakReadsPerSecond,
    capacity.peakReservationsPerSecond,
    capacity.checkoutsPerSecond,
    capacity.pollsPerSecond,
  ]
  const broken = rates.some((rate) => !(rate > 0 && rate < Number.POSITIVE_INFINITY))
  return [
    ...when(broken, () => ({
      found: `The declared rates are ${rates.map(plain).join(", ")} a second (reads, reservations, checkouts, polls).`,
      allowed: "numbers above 0.",
      fix: "Correct `capacity`.",
    })),
    ...when(!(capacity.edgeHitRate >= 0 && capacity.edgeHitRate < 1), () => ({
      found: `The edge is declared to answer ${plain(capacity.edgeHitRate)} of the reads.`,
      allowed: "from 0 to below 1.",
      fix: "Correct `capacity.edgeHitRate`.",
    })),
    ...when(!(capacity.recordBytes >= 1), () => ({
      found: `A record is declared to have ${plain(capacity.recordBytes)} bytes.`,
      allowed: "at least 1.",
      fix: "Correct `capacity.recordBytes`.",
    })),
  ]
}
