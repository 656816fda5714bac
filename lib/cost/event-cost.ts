import type { StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import type { Profile } from "./profile.ts"
import { edgeLines, requestLines } from "./request-cost.ts"
import { fixedLines, warmLines } from "./standing-cost.ts"

/** What a sale of 30 minutes costs, from the moment it is made ready to the moment it is let go. */
export interface EventCost {
  readonly profile: Profile
  /** Hours for which brokers, database and cache are counted, and warm environments. */
  readonly dataHours: number
  readonly warmHours: number
  readonly lines: readonly CostLine[]
  readonly totalUsd: number
  /** What the sale brings if every unit is sold, in the currency of its price, counted as USD. */
  readonly revenue: number
  readonly shareOfRevenue: number
}

/** The timeline of the day begins an hour before the opening. */
const readyHoursBefore = 1
const minorUnits = 100
const hoursPerMonth = 730
const total = (lines: readonly CostLine[]) => lines.reduce((usd, line) => usd + line.usd, 0)

/** The bill of one sale under a profile. @throws Error for a size or region whose price is not known */
export function eventCost(config: StageConfig, profile: Profile): EventCost {
  const saleHours = profile.durationSeconds / 3_600
  const { minutesBefore, minutesAfter } = config.warmUp
  const warmHours = saleHours + (minutesBefore + minutesAfter) / 60
  const dataHours = readyHoursBefore + saleHours + minutesAfter / 60
  const lines = [
    ...edgeLines(config, profile),
    ...requestLines(config, profile),
    ...warmLines(config, warmHours),
    ...fixedLines(config, dataHours),
  ]
  const totalUsd = total(lines)
  const [sale] = config.sales
  const revenue = sale ? (sale.units * sale.priceMinor) / minorUnits : 0
  return { profile, dataHours, warmHours, lines, totalUsd, revenue, shareOfRevenue: revenue > 0 ? totalUsd / revenue : 0 }
}

/** What the stage costs a month if its data stays up at this size all the time and no sale is held. */
export const standingUsdPerMonth = (config: StageConfig): number => total(fixedLines(config, hoursPerMonth))
