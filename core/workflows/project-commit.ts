import type { Pool } from "pg"
import { readReservationSnapshot } from "../adapters/postgres/reservations.ts"
import type { Committed } from "../adapters/postgres/transaction.ts"
import type { ProjectedLine, ProjectedReservation, ProjectedSale, Projection } from "../adapters/redis/projection.ts"
import { RedisAway } from "../adapters/redis/server-errors.ts"
import { logger } from "../adapters/telemetry.ts"
import type { Answer } from "../domain/decide.ts"
import type { SkuSale } from "../domain/sale.ts"
import type { SkuChanges } from "../domain/sku-book.ts"

export interface ProjectionDeps {
  readonly pool: Pool
  readonly projection: Projection
}

/**
 * Shows shoppers what was committed: decisions and what moved on, the stock, and how far the line has come. Never throws: Redis may
 * be away, nothing depends on it, and the sweeper brings it up to date.
 *
 * @param line the partition the transaction advanced, if any
 */
export async function projectCommit(deps: ProjectionDeps, committed: Committed, line?: ProjectedLine): Promise<void> {
  const { allocation, loaded } = committed
  const moved = [...loaded.extended, ...allocation.changes.flatMap(({ transitions }) => transitions.map(({ id }) => id))]
  try {
    await Promise.all([
      deps.projection.project({
        now: loaded.now,
        reservations: allocation.answers.map((answer) => projectedAnswer(answer, committed, line?.partition)),
        sales: allocation.changes.flatMap((changes) => projectedSale(changes, committed)),
        ...(line && { line }),
      }),
      projectReservations(deps, moved),
    ])
  } catch (error) {
    // That Redis is away is logged once, by the guard, and not for every commit.
    if (error instanceof RedisAway) return
    logger.warn("Redis was not brought up to date", { error: error as Error })
  }
}

/** Shows reservations as PostgreSQL has them now. @throws when PostgreSQL or Redis does not answer */
export async function projectReservations({ pool, projection }: ProjectionDeps, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await projection.project(await readReservationSnapshot(pool, ids))
}

function projectedAnswer(
  { request, reservation, repeated }: Answer,
  { allocation, loaded }: Committed,
  partition: number | undefined,
): ProjectedReservation {
  const changes = allocation.changes.find(({ skuNo }) => skuNo === reservation.skuNo)
  // What was decided before is known as of the lock; what it became in this transaction is projected with what moved.
  const asOfSeq = repeated
    ? (loaded.state.skus.get(reservation.skuNo)?.seq ?? reservation.seq)
    : (changes?.seq ?? reservation.seq)
  return {
    reservation,
    asOfSeq,
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
