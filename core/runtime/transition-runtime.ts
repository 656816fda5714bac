import type { Pool } from "pg"
import { createOptimisticWriter, type OptimisticWriter } from "../adapters/postgres/optimistic-writer.ts"
import { postgresPool } from "../adapters/postgres/pool.ts"
import { createTransactor, type Failpoint, type Transact } from "../adapters/postgres/transaction.ts"
import { redisClient } from "../adapters/redis/client.ts"
import { firstContact } from "../adapters/redis/guard.ts"
import { createProjection, type Projection } from "../adapters/redis/projection.ts"
import { type ApplyCommand, createApplyCommand } from "../workflows/allocation/apply-command.ts"
import { createMarkOrderPaid, type MarkOrderPaid } from "../workflows/payments/mark-orders-paid.ts"

/** What a function that moves stock works with. */
export interface TransitionRuntime {
  readonly pool: Pool
  readonly transact: Transact
  /** The writer's fast way, one for each partition. */
  readonly optimisticWriter: () => OptimisticWriter
  readonly projection: Projection
  readonly applyCommand: ApplyCommand
  readonly markOrderPaid: MarkOrderPaid
}

/** Builds it; once per process. */
export async function transitionRuntime(options: {
  readonly redisUrl: string
  readonly poolSize: number
  readonly reach?: (point: Failpoint) => Promise<void> | void
}): Promise<TransitionRuntime> {
  const pool = await postgresPool({ role: "transition", size: options.poolSize, pipeline: true })
  const redis = redisClient(options.redisUrl)
  const projection = createProjection(redis)
  await firstContact(redis)
  const parts = { pool, ...(options.reach && { reach: options.reach }) }
  const transact = createTransactor(parts)
  const applyCommand = createApplyCommand({ pool, projection, transact })
  return {
    pool,
    transact,
    optimisticWriter: () => createOptimisticWriter(parts),
    projection,
    applyCommand,
    markOrderPaid: createMarkOrderPaid(applyCommand),
  }
}
