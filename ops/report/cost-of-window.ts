import type { StageConfig } from "../../lib/config.ts"
import { eventCost } from "../../lib/cost/event-cost.ts"
import { pricesAsOf } from "../../lib/cost/prices.ts"
import { type Profile, readsPerShopperSecond } from "../../lib/cost/profile.ts"
import type { Endpoint, Report } from "./schema.ts"

/** What the cost model needs of a window. */
interface Counted {
  readonly endpoints: readonly Endpoint[]
  readonly orders: number
  readonly seconds: number
}

/**
 * The cost of a window by the model of `ops cost`, for the requests that were counted. Reads that the edge answered itself are
 * not counted by a function: their number follows from the stage's hit rate.
 *
 * @throws Error for a size or region whose price is not known
 */
export function costOfWindow(stage: StageConfig, { endpoints, orders, seconds }: Counted): Report["cost"] {
  const requests = (...names: readonly string[]) =>
    endpoints.reduce((sum, each) => (names.includes(each.endpoint) ? sum + (each.requests ?? 0) : sum), 0)
  const originReads = requests("availability", "catalogue")
  const reads = originReads / Math.max(0.01, 1 - stage.capacity.edgeHitRate)
  const profile: Profile = {
    name: "measured",
    description: "the requests of the report's window",
    durationSeconds: seconds,
    reads,
    reservations: requests("reserve", "reserve-batch"),
    polls: requests("reservation", "orders"),
    checkouts: orders,
    pages: reads / Math.max(1, seconds * readsPerShopperSecond),
  }
  const { lines, totalUsd, dataHours, warmHours } = eventCost(stage, profile)
  return {
    stage: stage.name,
    prices_as_of: pricesAsOf,
    basis: `Modelled, not billed: ${whole(profile.reservations)} reservations, ${whole(originReads)} reads behind the edge and ${whole(reads - originReads)} that the edge answers at its declared hit rate, ${whole(profile.polls)} status polls, ${whole(orders)} orders; brokers, database and cache for ${dataHours.toFixed(1)} h, warm environments for ${warmHours.toFixed(1)} h.`,
    lines: lines.map(({ component, usd, basis }) => ({ component, usd, basis })),
    total_usd: totalUsd,
  }
}

const whole = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
