import type { Redis } from "ioredis"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import { viewOf } from "../../domain/reservation-view.ts"
import type { Balances, SaleStatus, WriteMode } from "../../domain/sale.ts"
import { createRedisGuard } from "./guard.ts"
import { redisKeys } from "./keys.ts"
import { encodeReservationView } from "./reservation-codec.ts"
import projectLineScript from "./scripts/project-line.lua"
import projectSaleScript from "./scripts/project-sale.lua"
import projectViewsScript from "./scripts/project-views.lua"

/** How long what is over stays visible: long enough for every retry of the shopper. */
export const settledViewTtlMs = 15 * 60 * 1_000
/** Views in one script call: Redis serves nobody else meanwhile. */
const viewsPerCall = 250

/** A reservation as it is at ledger sequence `asOfSeq` of its SKU. */
export interface ProjectedReservation {
  readonly reservation: Reservation
  readonly asOfSeq: number
  readonly partition?: number
  readonly offset?: number
}

/** A sale as it is at ledger sequence `seq`. */
export interface ProjectedSale {
  readonly skuNo: number
  readonly seq: number
  readonly balances: Balances
  readonly waitlistLimit: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly opensAt?: Instant
  readonly closesAt?: Instant
  readonly asOf: Instant
  /**
   * The ledger sequence before which every decision must have been shown, for every one up to `seq` to be shown now; left out,
   * nothing is said.
   */
  readonly decidedSeq?: number
  /** PostgreSQL has the sale at rest: what is shown stays true until it is shown otherwise. */
  readonly isResting?: boolean
}

/** How far a partition has come. */
export interface ProjectedProgress {
  readonly partition: number
  readonly nextOffset: number
  readonly decisionsPerSecond: number
}

export interface ProjectionScripts {
  readonly views: string
  readonly sale: string
  readonly line: string
}

/** What a transaction committed, as far as Redis shows it. */
export interface Commit {
  readonly now: Instant
  readonly reservations?: readonly ProjectedReservation[]
  readonly sales?: readonly ProjectedSale[]
  readonly line?: ProjectedProgress
}

export interface Projection {
  /**
   * Brings Redis up to what a transaction committed; whatever Redis knows better stays. Reservations first, and once they are
   * there the balances: those of a decision that is not shown take the sale's `complete` mark away, so that nobody is told "sold
   * out" on the strength of a gap. Nothing has to be remembered for a commit that could not be shown: the next one, or the
   * sweeper, finds the gap in Redis.
   *
   * @throws RedisAway when Redis does not answer; the guard has logged it, and nothing depends on it, so callers go on
   */
  project(commit: Commit): Promise<void>
}

const milliseconds = (instant: Instant): number => Math.floor(instant / 1_000)

/** The projection of committed state into Redis. Tests plant a wrong script to show that it is caught. */
export function createProjection(
  redis: Redis,
  scripts: ProjectionScripts = { views: projectViewsScript, sale: projectSaleScript, line: projectLineScript },
): Projection {
  redis.defineCommand("projectViews", { lua: scripts.views })
  redis.defineCommand("projectSale", { lua: scripts.sale, numberOfKeys: 1 })
  redis.defineCommand("projectLine", { lua: scripts.line, numberOfKeys: 1 })
  const call = redis as unknown as Record<
    "projectViews" | "projectSale" | "projectLine",
    (...args: (string | number)[]) => Promise<unknown>
  >

  const guard = createRedisGuard(redis)

  return { project: (commit) => guard.demand(() => send(commit)) }

  /** Shows what can be shown: what fails of one sale holds up no other. @throws the first failure */
  async function send({ now, reservations = [], sales = [], line }: Commit): Promise<void> {
    const failures: unknown[] = []
    const unshown = new Set<number>()
    const attempt = (shown: Promise<unknown>, skuNos: () => readonly number[]) =>
      shown.catch((error: unknown) => {
        failures.push(error)
        for (const skuNo of skuNos()) unshown.add(skuNo)
      })

    const calls: Promise<unknown>[] = []
    for (let from = 0; from < reservations.length; from += viewsPerCall) {
      const group = reservations.slice(from, from + viewsPerCall)
      calls.push(attempt(projectViews(group, now), () => group.map(({ reservation }) => reservation.skuNo)))
    }
    if (line) {
      const { partition, nextOffset, decisionsPerSecond } = line
      calls.push(attempt(call.projectLine(redisKeys.partition(partition), nextOffset, Math.round(decisionsPerSecond)), () => []))
    }
    await Promise.all(calls)
    // Balances of a decision that is not shown would hide its gap.
    const shownSales = sales.filter(({ skuNo }) => !unshown.has(skuNo))
    await Promise.all(shownSales.map((sale) => attempt(projectSale(sale), () => [])))
    if (failures.length > 0) throw failures[0]
  }

  function projectViews(group: readonly ProjectedReservation[], now: Instant): Promise<unknown> {
    return call.projectViews(
      group.length,
      ...group.map(({ reservation }) => redisKeys.reservation(reservation.id)),
      ...group.flatMap((projected) => [
        encodeReservationView(viewOf(projected.reservation, projected.asOfSeq, projected)),
        timeToLiveMs(projected.reservation, now),
      ]),
    )
  }

  function projectSale(sale: ProjectedSale): Promise<unknown> {
    return call.projectSale(redisKeys.sale(sale.skuNo), sale.seq, sale.decidedSeq ?? "", ...saleFields(sale))
  }
}

/** A hold's view ends with the hold, even if nothing else runs; 1 ms is the shortest life Redis knows. */
function timeToLiveMs({ state, expiresAt }: Reservation, now: Instant): number {
  if (state === "RESERVED") return Math.max(1, milliseconds((expiresAt ?? now) - now))
  return state === "WAITLISTED" || state === "CONFIRMED" ? 0 : settledViewTtlMs
}

const saleFields = (sale: ProjectedSale): (string | number)[] => [
  "total",
  sale.balances.total,
  "reserved",
  sale.balances.reserved,
  "sold",
  sale.balances.sold,
  "waitlisted",
  sale.balances.waitlisted,
  "waitlist_limit",
  sale.waitlistLimit,
  "status",
  sale.status,
  "mode",
  sale.mode,
  "opens_at_ms",
  sale.opensAt === undefined ? "" : milliseconds(sale.opensAt),
  "closes_at_ms",
  sale.closesAt === undefined ? "" : milliseconds(sale.closesAt),
  "as_of_ms",
  milliseconds(sale.asOf),
  "resting",
  sale.isResting ? 1 : "",
]
