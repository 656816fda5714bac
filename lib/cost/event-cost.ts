import type { StageConfig } from "../config.ts"
import { backgroundLines } from "./background-cost.ts"
import type { CostLine } from "./cost-line.ts"
import { noticeLines } from "./notice-cost.ts"
import { prices } from "./prices.ts"
import { type Profile, referenceProfile } from "./profile.ts"
import { recoveryLine } from "./recovery-cost.ts"
import { edgeLines, requestLines } from "./request-cost.ts"
import { fixedLines, warmLines } from "./standing-cost.ts"
import { watchLines } from "./watch-cost.ts"

/** The cost of a sale of 30 minutes, from the warm-up to the scale-down. */
export interface EventCost {
  readonly profile: Profile
  /** Hours of brokers, database and cache, and hours of warm environments. */
  readonly dataHours: number
  readonly warmHours: number
  readonly lines: readonly CostLine[]
  readonly totalUsd: number
  /**
   * What Cognito bills for the shoppers who sign in: the largest line, and the only one that another identity provider changes.
   */
  readonly signInUsd: number
  /** The revenue if every unit is sold, in the currency of its price, counted as USD. */
  readonly revenue: number
  readonly shareOfRevenue: number
}

/** The timeline of the day begins an hour before the opening. */
const readyHoursBefore = 1
const minorUnits = 100
const hoursPerMonth = 730
const hoursPerDay = 24
const count = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
const total = (lines: readonly CostLine[]) => lines.reduce((usd, line) => usd + line.usd, 0)

/** A month's price for one sale in it. Those who only look need no sign-in. */
const signInLine = ({ signIn: { shoppers } }: StageConfig): CostLine => ({
  component: "Sign-in (Cognito)",
  usd: shoppers * prices.cognitoUser.usd,
  basis: `${count(shoppers)} shoppers who sign in`,
})

/** The bill of one sale under a profile. @throws Error for a size or region whose price is not known */
export function eventCost(config: StageConfig, profile: Profile): EventCost {
  const saleHours = profile.durationSeconds / 3_600
  const { minutesBefore, minutesAfter } = config.warmUp
  const warmHours = saleHours + (minutesBefore + minutesAfter) / 60
  const dataHours = readyHoursBefore + saleHours + minutesAfter / 60
  const signIn = signInLine(config)
  const lines = [
    signIn,
    ...edgeLines(config, profile),
    ...requestLines(config, profile),
    ...noticeLines(config, profile),
    ...warmLines(config, warmHours),
    ...fixedLines(config, dataHours),
    ...backgroundLines(config, dataHours),
    ...watchLines(config, dataHours, true),
    recoveryLine(config, dataHours),
  ]
  const totalUsd = total(lines)
  const [sale] = config.sales
  const revenue = sale ? (sale.units * sale.priceMinor) / minorUnits : 0
  const shareOfRevenue = revenue > 0 ? totalUsd / revenue : 0
  return { profile, dataHours, warmHours, lines, totalUsd, signInUsd: signIn.usd, revenue, shareOfRevenue }
}

/** What a stage costs without a sale, by component: everything that runs or is billed when nobody comes. */
export const standingLines = (config: StageConfig, hours: number): readonly CostLine[] => [
  ...fixedLines(config, hours),
  ...backgroundLines(config, hours),
  ...watchLines(config, hours, false),
  recoveryLine(config, hours),
]

/**
 * What a month costs: the stage for as long as it is deployed, and one sale, if its calendar has one. In a rehearsal a few test
 * users sign in, in place of shoppers.
 */
export function monthUsd(config: StageConfig): number {
  const { daysPerMonth, sales, retainData } = config
  const hours = daysPerMonth === undefined ? hoursPerMonth : daysPerMonth * hoursPerDay
  const standing = total(standingLines(config, hours))
  if (sales.length === 0) return standing
  const sale = eventCost(config, referenceProfile(config))
  const anyway = total(standingLines(config, sale.dataHours))
  return standing + sale.totalUsd - anyway - (retainData ? 0 : sale.signInUsd)
}

/** The monthly cost of a stage without a sale, if its data stays up at this size. */
export const standingUsdPerMonth = (config: StageConfig): number => total(standingLines(config, hoursPerMonth))

/** The cost of a day without a sale. */
export const standingUsdPerDay = (config: StageConfig): number => total(standingLines(config, hoursPerDay))
