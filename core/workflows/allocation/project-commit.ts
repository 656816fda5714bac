import type { Pool } from "pg"
import { readReservationSnapshot } from "../../adapters/postgres/reservations.ts"
import type { Committed } from "../../adapters/postgres/transaction.ts"
import type { ProjectedProgress, ProjectedReservation, ProjectedSale, Projection } from "../../adapters/redis/projection.ts"
import { RedisAway } from "../../adapters/redis/server-errors.ts"
import { logger, record } from "../../adapters/telemetry.ts"
import type { Decision } from "../../domain/decide.ts"
import type { SkuSale } from "../../domain/sale.ts"
import type { SkuChanges } from "../../domain/sku-changes.ts"

export interface ProjectionDeps {
  readonly pool: Pool
  readonly projection: Projection
}

/**
 * Writes to Redis what was committed: decisions and transitions, the stock, and the progress of the partition. It measures how
 * long Redis showed the state before. Never throws: Redis may be away, nothing depends on it, and the sweeper brings it up to
 * date.
 *
 * @param progress of the partition that the transaction advanced, if any
 */
export async function projectCommit(deps: ProjectionDeps, committed: Committed, progress?: ProjectedProgress): Promise<void> {
  const { allocation, loaded } = committed
  const decided = allocation.answers.filter(({ repeated }) => !repeated)
  const moved = [...loaded.extended, ...allocation.changes.flatMap(({ transitions }) => transitions.map(({ id }) => id))]
  const reread = [...moved, ...decidedBefore(allocation.answers)]
  const committedMs = performance.now()
  try {
    await Promise.all([
      deps.projection.project({
        now: loaded.now,
        reservations: decided.map((answer) => projectedAnswer(answer, committed, progress?.partition)),
        sales: allocation.changes.flatMap((changes) => projectedSale(changes, committed)),
        ...(progress && { progress }),
      }),
      projectReservations(deps, reread),
    ])
    record("cache.invalidation.latency", performance.now() - committedMs)
  } catch (error) {
    // The guard logs once that Redis is away. It is not logged for every commit.
    if (error instanceof RedisAway) return
    logger.warn("Redis was not updated after a commit; the sweeper updates it", { error: error as Error })
  }
}

/** Writes reservations to Redis as PostgreSQL has them now. @throws when PostgreSQL or Redis does not answer */
export async function projectReservations({ pool, projection }: ProjectionDeps, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await projection.project(await readReservationSnapshot(pool, ids))
}

/**
 * The ids that earlier transactions decided. They are written as PostgreSQL has them now, with the log position of their
 * decision: what the writer knows of them may be old, and the position of a copy is not theirs.
 */
function decidedBefore(answers: readonly Decision[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { repeated, request } of answers) if (repeated) ids.add(request.id)
  if (ids.size > 0) for (const { repeated, request } of answers) if (!repeated) ids.delete(request.id)
  return ids
}

function projectedAnswer(
  { request, reservation }: Decision,
  { allocation }: Committed,
  partition: number | undefined,
): ProjectedReservation {
  const changes = allocation.changes.find(({ skuNo }) => skuNo === reservation.skuNo)
  return {
    reservation,
    asOfSeq: changes?.seq ?? reservation.seq,
    ...(partition !== undefined && request.offset !== undefined && { partition, offset: request.offset }),
  }
}

function projectedSale(changes: SkuChanges, { loaded }: Committed): ProjectedSale[] {
  const before: SkuSale | undefined = loaded.state.skus.get(changes.skuNo)
  if (before === undefined) return []
  const opensAt = changes.sale?.opensAt ?? before.opensAt
  return [
    {
      skuNo: changes.skuNo,
      seq: changes.seq,
      balances: changes.balances,
      waitlistLimit: before.waitlistLimit,
      status: changes.sale?.status ?? before.status,
      mode: changes.sale?.mode ?? before.mode,
      ...(opensAt !== undefined && { opensAt }),
      ...(before.closesAt !== undefined && { closesAt: before.closesAt }),
      asOf: loaded.now,
      decidedSeq: loaded.decidedSeqs.get(changes.skuNo) ?? before.seq,
    },
  ]
}
