import type { StageConfig } from "../lib/config.ts"
import {
  type EventCost,
  eventCost,
  monthUsd,
  standingLines,
  standingUsdPerDay,
  standingUsdPerMonth,
} from "../lib/cost/event-cost.ts"
import { pricesAsOf } from "../lib/cost/prices.ts"
import { referenceProfile, sustainedProfile } from "../lib/cost/profile.ts"
import { stageNamed, stages } from "../lib/stages.ts"

/** Promised cost of a sale of 30 minutes (NFR-10). */
const promisedUsd = 50
/** List prices change, regions differ, and the model rounds. */
const uncertainty = 0.2
const nameWidth = 24
const numberWidth = 12
const hoursPerMonth = 730

/** The cost of a sale in a stage, as numbers. */
export interface CostAnswer {
  readonly stage: string
  readonly pricesAsOf: string
  readonly reference: EventCost
  readonly sustained: EventCost
  readonly standingUsdPerDay: number
  readonly standingUsdPerMonth: number
  readonly promisedUsd: number
}

/** Computes the cost of a stage for both load profiles. @throws Error for an unknown stage, size or region */
export function costOf(stageName: string): CostAnswer {
  const stage = stageNamed(stageName)
  return {
    ...{ stage: stage.name, pricesAsOf, promisedUsd },
    reference: eventCost(stage, referenceProfile(stage)),
    sustained: eventCost(stage, sustainedProfile(stage)),
    standingUsdPerDay: standingUsdPerDay(stage),
    standingUsdPerMonth: standingUsdPerMonth(stage),
  }
}

const usd = (value: number) => value.toFixed(2).padStart(numberWidth)
const row = (name: string, left: string, right: string, rest = "") =>
  `${name.padEnd(nameWidth)}${left}${right}${rest && `  ${rest}`}`
const whole = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
const share = ({ revenue, shareOfRevenue }: EventCost) =>
  (revenue > 0 ? `${(shareOfRevenue * 100).toFixed(3)} %` : "-").padStart(numberWidth)

function verdict({ totalUsd, signInUsd, profile }: EventCost): string {
  const rest = totalUsd - signInUsd
  const low = rest * (1 - uncertainty)
  const high = rest * (1 + uncertainty)
  const range = `${whole(rest)} USD, ${whole(low)} to ${whole(high)} with prices ${uncertainty * 100} % either way, and ${whole(signInUsd)} for sign-in`
  if (high + signInUsd < promisedUsd) return `${profile.name}: yes, ${range}.`
  if (low + signInUsd > promisedUsd) return `${profile.name}: no, ${range}.`
  return `${profile.name}: ${totalUsd < promisedUsd ? "just" : "not quite"}, ${range}; not to be promised.`
}

/** The answer as text: a table by component, whether a sale costs less than promised, and what every stage costs. */
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
    "  Not counted: fees of the payment provider, taxes, support, free tiers, discounts.",
    "",
    ...monthText(config),
    "",
    ...stagesText(),
  ].join("\n")
}

/** A month of the stage without a sale, by component. */
function monthText(config: StageConfig): string[] {
  const lines = standingLines(config, hoursPerMonth).filter(({ usd: amount }) => amount > 0)
  return [
    `A MONTH of stage "${config.name}" without a sale, if it is deployed all the time at this size, USD`,
    ...lines.map(({ component, usd: amount, basis }) => row(component, usd(amount), "", basis.replace(/ for [\d.]+ h$/, ""))),
    row("total", usd(standingUsdPerMonth(config)), ""),
  ]
}

/** Every stage: a day and a month without a sale, what a month costs as the stage is used, and its budget. */
function stagesText(): string[] {
  const cell = (text: string) => text.padStart(numberWidth)
  return [
    "EVERY STAGE, USD",
    `${"stage".padEnd(nameWidth)}${["a day", "a month", "as used", "budget"].map(cell).join("")}  as used`,
    ...Object.values(stages).map((stage) => {
      const amounts = [standingUsdPerDay(stage), standingUsdPerMonth(stage), monthUsd(stage), stage.budgetUsdPerMonth]
      return `${stage.name.padEnd(nameWidth)}${amounts.map((amount, index) => cell(index === 0 ? amount.toFixed(2) : whole(amount))).join("")}  ${useOf(stage)}`
    }),
  ]
}

const useOf = ({ daysPerMonth, sales, retainData }: StageConfig): string =>
  [
    daysPerMonth === undefined ? "the whole month" : `${daysPerMonth} days of a month`,
    sales.length > 0 && (retainData ? "with a sale" : "with a rehearsal"),
  ]
    .filter((part) => part !== false)
    .join(", ")

/** `ops cost`: prints the cost of a sale. @throws Error for an unknown stage, size or region */
export function printCost(stageName: string, json: boolean): void {
  const answer = costOf(stageName)
  console.log(json ? JSON.stringify(answer) : costText(answer, stageNamed(stageName)))
}
