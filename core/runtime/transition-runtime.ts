import type { Pool } from "pg"
import { createOptimisticWriter, type OptimisticWriter } from "../adapters/postgres/optimistic-writer.ts"
import { createTransactor, type Failpoint, type Transact } from "../adapters/postgres/transaction.ts"
import { firstContact } from "../adapters/redis/guard.ts"
import { createProjection, type Projection } from "../adapters/redis/projection.ts"
import { type ApplyCommand, createApplyCommand } from "../workflows/allocation/apply-command.ts"
import { createMarkOrderPaid, type MarkOrderPaid } from "../workflows/payments/mark-orders-paid.ts"
import { type Resources, shareParts } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"
import { openRedis } from "./redis.ts"

/** The parts of a function that moves stock. */
export interface TransitionParts {
  readonly pool: Pool
  readonly transact: Transact
  /** The writer's optimistic path, one for each partition. */
  readonly optimisticWriter: () => OptimisticWriter
  readonly projection: Projection
  readonly applyCommand: ApplyCommand
  readonly markOrderPaid: MarkOrderPaid
}

export interface TransitionOptions {
  readonly poolSize: number
  /** As in OpenPoolOptions. */
  readonly servesRush?: boolean
  /** A point where a test may stop the process. */
  readonly reach?: (point: Failpoint) => Promise<void> | void
}

/**
 * Opens a pool of the transition role and a connection to Redis, for one runtime. @throws Error that names what the environment
 * lacks
 */
export async function openTransitionParts(
  resources: Resources,
  { poolSize, servesRush = false, reach }: TransitionOptions,
): Promise<TransitionParts> {
  const pool = await openPool(resources, { role: "transition", size: poolSize, pipeline: true, servesRush })
  const redis = await openRedis(resources)
  // Scripts are defined before the first command (read-runtime.ts).
  const projection = createProjection(redis)
  await firstContact(redis)
  const transactionParts = { pool, ...(reach && { reach }) }
  const transact = createTransactor(transactionParts)
  const applyCommand = createApplyCommand({ pool, projection, transact })
  return {
    pool,
    transact,
    optimisticWriter: () => createOptimisticWriter(transactionParts),
    projection,
    applyCommand,
    markOrderPaid: createMarkOrderPaid(applyCommand),
  }
}

/** Shoppers' commands are rare, and each waits for the lock of its SKU anyway. */
const shopperCommandsPoolSize = 2

/**
 * Commands for shoppers: cancels, checkouts, and the end of a hold that a read found overdue. Shared by the functions of a
 * process.
 */
export const openShopperCommands = shareParts(
  async (resources): Promise<ApplyCommand> =>
    (await openTransitionParts(resources, { poolSize: shopperCommandsPoolSize, servesRush: true })).applyCommand,
)
