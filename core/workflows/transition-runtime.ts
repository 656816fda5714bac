import type { Pool } from "pg"
import { type Ahead, createAhead } from "../adapters/postgres/ahead.ts"
import { postgresPool } from "../adapters/postgres/pool.ts"
import { createTransactor, type Failpoint, type Transact } from "../adapters/postgres/transaction.ts"
import { redisClient } from "../adapters/redis/client.ts"
import { firstContact } from "../adapters/redis/guard.ts"
import { createProjection, type Projection } from "../adapters/redis/projection.ts"
import { createNotePaid, type NotePaid } from "./note-paid.ts"
import { createSettlement, type Settle } from "./settle.ts"

/** What a function that moves stock works with. */
export interface TransitionRuntime {
  readonly pool: Pool
  readonly transact: Transact
  /** The writer's fast way, one for each partition. */
  readonly ahead: () => Ahead
  readonly projection: Projection
  readonly settle: Settle
  readonly notePaid: NotePaid
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
  const settle = createSettlement({ pool, projection, transact })
  return { pool, transact, ahead: () => createAhead(parts), projection, settle, notePaid: createNotePaid(settle) }
}
