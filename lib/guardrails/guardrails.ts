import type { StageConfig } from "../config.ts"
import {
  accountCarriesFunctions,
  environmentsCarryPeak,
  functionsAreBounded,
  managedInstancesAreReady,
  reserveSharesEnvironments,
  startsFitInitialisation,
  timeoutsFit,
  workersFitProcessors,
} from "./concurrency.ts"
import {
  analyticsCopyStarts,
  cacheCarriesPeak,
  cacheFailsOver,
  databaseSurvives,
  instanceCarriesConnections,
  poolsFit,
} from "./data.ts"
import { addressLimitsHold, apiQuotaFits, ceilingsAreAbovePeak, edgeQuotaFits, ratesMakeSense } from "./edge.ts"
import {
  deliveryFits,
  noBatchingWindow,
  partitionForEachHotSku,
  pollerCarriesPartition,
  pollersAreFixed,
  pollersCarryEvents,
  pollersCarryTopic,
  retriedWithoutEnd,
} from "./event-sources.ts"
import { type Finding, findingText, type Guardrail } from "./finding.ts"
import {
  brokerIsKnown,
  brokersCarryCopies,
  brokersHaveStorage,
  connectionRateFits,
  connectionsFit,
  leaderCarriesPartition,
} from "./kafka.ts"
import { mailRateFitsQuota, mailsOfDayFitQuota, noticesArriveInTime } from "./mail.ts"
import { pageKeyIsPublic, paymentPaceCarriesCheckouts } from "./payments.ts"
import { calendarFitsCapacity, salesMakeSense, sweepersOverlap, sweepsAreFrequent, warmUpCoversSale } from "./sale.ts"
import { addressesAreRead, crowdSignsInBefore, tokensOutliveSale } from "./sign-in.ts"
import {
  alarmsReachSomebody,
  budgetMatchesCost,
  generationIsNumbered,
  namesMakeSense,
  numbersMakeSense,
  pagersAreReachable,
  productionHasName,
  productionIsProtected,
  recoveryIsElsewhere,
  threeZones,
} from "./stage.ts"
import { notForTrials, onlyTrialsSave, trialsSellNothing } from "./trial.ts"
import { consumersAreReserved, deliveriesKeepUp, writerIsIdleEnough } from "./writer.ts"

/** Every rule that a stage must keep to be deployed, by name. */
export const guardrails = {
  ratesMakeSense,
  numbersMakeSense,
  budgetMatchesCost,
  threeZones,
  trialsSellNothing,
  onlyTrialsSave,
  generationIsNumbered,
  recoveryIsElsewhere,
  alarmsReachSomebody,
  pagersAreReachable,
  productionIsProtected,
  productionHasName,
  namesMakeSense,
  crowdSignsInBefore,
  tokensOutliveSale,
  addressesAreRead,
  salesMakeSense,
  calendarFitsCapacity,
  sweepsAreFrequent,
  sweepersOverlap,
  warmUpCoversSale,
  partitionForEachHotSku,
  pollerCarriesPartition,
  pollersCarryTopic,
  pollersCarryEvents,
  pollersAreFixed,
  paymentPaceCarriesCheckouts,
  pageKeyIsPublic,
  mailRateFitsQuota,
  mailsOfDayFitQuota,
  noticesArriveInTime,
  noBatchingWindow,
  retriedWithoutEnd,
  deliveryFits,
  writerIsIdleEnough,
  deliveriesKeepUp,
  consumersAreReserved,
  environmentsCarryPeak,
  reserveSharesEnvironments,
  managedInstancesAreReady,
  workersFitProcessors,
  startsFitInitialisation,
  accountCarriesFunctions,
  functionsAreBounded,
  timeoutsFit,
  brokerIsKnown,
  brokersHaveStorage,
  brokersCarryCopies,
  leaderCarriesPartition,
  connectionsFit,
  connectionRateFits,
  poolsFit,
  instanceCarriesConnections,
  analyticsCopyStarts,
  databaseSurvives,
  cacheCarriesPeak,
  cacheFailsOver,
  apiQuotaFits,
  edgeQuotaFits,
  ceilingsAreAbovePeak,
  addressLimitsHold,
} as const satisfies Record<string, Guardrail>

const applies = (name: string, { trial }: StageConfig): boolean => trial !== true || !(name in notForTrials)

/** The findings of all guardrails that apply to a stage. */
export const findingsOf = (config: StageConfig): readonly Finding[] =>
  Object.entries(guardrails).flatMap(([name, guardrail]) => (applies(name, config) ? guardrail(config) : []))

/**
 * Accepts a stage that can carry the load it declares.
 * @throws Error that lists every finding: what failed, the value given, the limit and the fix
 */
export function assertGuardrails(config: StageConfig): void {
  const findings = findingsOf(config)
  if (findings.length === 0) return
  throw new Error(findings.map((finding) => findingText(config.name, finding)).join("\n"))
}
