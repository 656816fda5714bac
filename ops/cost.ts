import type { StageConfig } from "../lib/config.ts"
import { type EventCost, eventCost, standingUsdPerMonth } from "../lib/cost/event-cost.ts"
import { prices, pricesAsOf } from "../lib/cost/prices.ts"
import { referenceProfile, sustainedProfile } from "../lib/cost/profile.ts"
import { stageNamed } from "../lib/stages.ts"

/** Promised cost of a sale of 30 minutes (NFR-10). */
const promisedUsd = 50
/** List prices change, regions differ, and the model rounds. */
const uncertainty = 0.2
const nameWidth = 22
const numberWidth = 12

/** The cost of a sale in a stage, as numbers. */
export interface CostAnswer {
  readonly stage: string
  readonly pricesAsOf: string
  readonly reference: EventCost
  readonly sustained: EventCost
  readonly standingUsdPerMonth: number
  readonly promisedUsd: number
}

/** Computes the cost of a stage for both load profiles. @throws Error for an unknown stage, size or region */
export function costOf(stageName: string): CostAnswer {
  const stage = stageNamed(stageName)
  const reference = eventCost(stage, referenceProfile(stage))
  const sustained = eventCost(stage, sustainedProfile(stage))
  return { stage: stage.name, pricesAsOf, reference, sustained, standingUsdPerMonth: standingUsdPerMonth(stage), promisedUsd }
}

const usd = (value: number) => value.toFixed(2).padStart(numberWidth)
const row = (name: string, left: string, right: string, rest = "") =>
  `${name.padEnd(nameWidth)}${left}${right}${rest && `  ${rest}`}`
const whole = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
const share = ({ revenue, shareOfRevenue }: EventCost) =>
  (revenue > 0 ? `${(shareOfRevenue * 100).toFixed(3)} %` : "-").padStart(numberWidth)

function verdict({ totalUsd, profile }: EventCost): string {
  const low = totalUsd * (1 - uncertainty)
  const high = totalUsd * (1 + uncertainty)
  const range = `${whole(totalUsd)} USD, ${whole(low)} to ${whole(high)} with prices ${uncertainty * 100} % either way`
  if (high < promisedUsd) return `${profile.name}: yes, ${range}.`
  if (low > promisedUsd) return `${profile.name}: no, ${range}.`
  return `${profile.name}: ${totalUsd < promisedUsd ? "just" : "not quite"}, ${range}; not to be promised.`
}

/** The answer as text: a table by component, and whether a sale costs less than promised. */
export function costText(answer: CostAnswer, config: StageConfig): string {
  const { reference, sustained } = answer
  const right = new Map(sustained.lines.map(({ component, usd: amount }) => [component, amount]))
  const described = [reference, sustained].map(
    ({ profile }) =>
      `  ${profile.name.padEnd(10)} ${profile.description}: ${whole(profile.reads)} reads, ${whole(profile.reservations)} reservations, ${whole(profile.checkouts)} checkouts`,
  )
  return [
    `COST of a 30-minute sale in stage "${answer.stage}" (${config.region}), list prices of ${answer.pricesAsOf}, USD`,
    ...described,
    `  brokers, database and cache for ${reference.dataHours.toFixed(2)} h, warm environments for ${reference.warmHours.toFixed(2)} h`,
    "",
    row("component", "reference".padStart(numberWidth), "sustained".padStart(numberWidth), "of the reference"),
    ...reference.lines.map(({ component, usd: amount, basis }) =>
      row(component, usd(amount), usd(right.get(component) ?? 0), basis),
    ),
    row("total", usd(reference.totalUsd), usd(sustained.totalUsd)),
    row(
      "share of revenue",
      share(reference),
      share(sustained),
      reference.revenue > 0 ? `of ${whole(reference.revenue)} if every unit is sold` : "no sale in the calendar",
    ),
    "",
    `Less than ${promisedUsd} USD?`,
    `  ${verdict(reference)}`,
    `  ${verdict(sustained)}`,
    `  If data stays up at this size all month: ${whole(answer.standingUsdPerMonth)} USD before any sale.`,
    `  Sign-in, by the month: Cognito bills ${prices.cognitoUser.usd} USD for each shopper who signs in during it, ${whole(reference.profile.pages * prices.cognitoUser.usd)} USD for ${whole(reference.profile.pages)} shoppers.`,
    "  Not counted: sign-in, fees of the payment provider, codes by e-mail, taxes, support, a second region.",
  ].join("\n")
}

/** `ops cost`: prints the cost of a sale. @throws Error for an unknown stage, size or region */
export function printCost(stageName: string, json: boolean): void {
  const answer = costOf(stageName)
  console.log(json ? JSON.stringify(answer) : costText(answer, stageNamed(stageName)))
}
