import type { StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { noticeLines } from "./notice-cost.ts"
import type { Profile } from "./profile.ts"
import { edgeLines, requestLines } from "./request-cost.ts"
import { fixedLines, warmLines } from "./standing-cost.ts"

/** The cost of a sale of 30 minutes, from the warm-up to the scale-down. */
export interface EventCost {
  readonly profile: Profile
  /** Hours of brokers, database and cache, and hours of warm environments. */
  readonly dataHours: number
  readonly warmHours: number
  readonly lines: readonly CostLine[]
  readonly totalUsd: number
  /** The revenue if every unit is sold, in the currency of its price, counted as USD. */
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
    ...noticeLines(config, profile),
    ...warmLines(config, warmHours),
    ...fixedLines(config, dataHours),
  ]
  const totalUsd = total(lines)
  const [sale] = config.sales
  const revenue = sale ? (sale.units * sale.priceMinor) / minorUnits : 0
  return { profile, dataHours, warmHours, lines, totalUsd, revenue, shareOfRevenue: revenue > 0 ? totalUsd / revenue : 0 }
}

/** The monthly cost of a stage without a sale, if its data stays up at this size. */
export const standingUsdPerMonth = (config: StageConfig): number => total(fixedLines(config, hoursPerMonth))
