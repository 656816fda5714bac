import type { Redis } from "ioredis"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import { viewOf } from "../../domain/reservation-view.ts"
import type { Balances, SaleStatus, WriteMode } from "../../domain/sale.ts"
import { createRedisGuard } from "./guard.ts"
import { redisKeys } from "./keys.ts"
import { encodeReservationView } from "./reservation-codec.ts"
import projectProgressScript from "./scripts/project-progress.lua"
import projectSaleScript from "./scripts/project-sale.lua"
import projectViewsScript from "./scripts/project-views.lua"

/** How long an ended reservation stays visible: long enough for every retry of the shopper. */
export const settledViewTtlMs = 15 * 60 * 1_000
/** Views in one script call: Redis runs no other command meanwhile. */
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
   * A ledger sequence: when Redis showed every decision up to it before this call, Redis shows every decision up to `seq` after
   * it. Absent when the caller cannot say this of any sequence.
   */
  readonly decidedSeq?: number
  /** PostgreSQL has the sale at rest: the projection stays correct until a transaction changes the sale. */
  readonly isResting?: boolean
}

/** The progress of a partition. */
export interface ProjectedProgress {
  readonly partition: number
  readonly nextOffset: number
  readonly decisionsPerSecond: number
}

export interface ProjectionScripts {
  readonly views: string
  readonly sale: string
  readonly progress: string
}

/** The part of a committed transaction that Redis shows. */
export interface Commit {
  readonly now: Instant
  readonly reservations?: readonly ProjectedReservation[]
  readonly sales?: readonly ProjectedSale[]
  readonly progress?: ProjectedProgress
}

export interface Projection {
  /**
   * Writes a committed transaction to Redis; newer data in Redis stays. It writes the reservations first and the balances after
   * them. When the balances include a decision that Redis does not show, the script removes the sale's `complete` mark: no
   * shopper may read "sold out" because of a gap. The process keeps nothing about a commit that could not be written: the next
   * commit, or the sweeper, finds the gap in Redis.
   *
   * @throws RedisAway when Redis does not answer. The guard has logged it, and no decision depends on Redis, so callers go on.
   */
  project(commit: Commit): Promise<void>
}

const milliseconds = (instant: Instant): number => Math.floor(instant / 1_000)

/** The projection of committed state into Redis. Tests plant a wrong script to show that it is caught. */
export function createProjection(
  redis: Redis,
  scripts: ProjectionScripts = { views: projectViewsScript, sale: projectSaleScript, progress: projectProgressScript },
): Projection {
  redis.defineCommand("projectViews", { lua: scripts.views })
  redis.defineCommand("projectSale", { lua: scripts.sale, numberOfKeys: 1 })
  redis.defineCommand("projectProgress", { lua: scripts.progress, numberOfKeys: 1 })
  const call = redis as unknown as Record<
    "projectViews" | "projectSale" | "projectProgress",
    (...args: (string | number)[]) => Promise<unknown>
  >

  const guard = createRedisGuard(redis)

  return { project: (commit) => guard.demand(() => send(commit)) }

  /** Writes everything that can be written: the failure of one sale does not stop the others. @throws the first failure */
  async function send({ now, reservations = [], sales = [], progress }: Commit): Promise<void> {
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
    if (progress) {
      const { partition, nextOffset, decisionsPerSecond } = progress
      calls.push(
        attempt(call.projectProgress(redisKeys.partition(partition), nextOffset, Math.round(decisionsPerSecond)), () => []),
      )
    }
    await Promise.all(calls)
    // Without its reservations, the balances of a sale would hide the gap.
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

/** The view of a hold expires with the hold, even if no process runs. Redis accepts no time to live below 1 ms. */
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
