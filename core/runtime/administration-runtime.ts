import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { type Administration, createAdministration } from "../workflows/administration/administration.ts"
import { createHoldExtension } from "../workflows/allocation/extend-holds.ts"
import { openAnalyticsStore } from "./analytics.ts"
import { askWarmer } from "./ask-warmer.ts"
import type { Resources } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"
import { openTransitionParts } from "./transition-runtime.ts"

/** A process serves few administrators, one after the other. */
const poolSize = 2

export interface AdministrationOptions {
  /** Connections whose statements may take as long as the checks do. */
  readonly checkPool: Pool
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
}

/** Opens pools of the transition and the admin role, the figures of analytics and a connection to Redis, for one runtime. */
export async function openAdministration(resources: Resources, options: AdministrationOptions): Promise<Administration> {
  const transition = await openTransitionParts(resources, { poolSize })
  const pool = await openPool(resources, { role: "admin", size: poolSize })
  return tellingWarmer(
    createAdministration({
      ...options,
      pool,
      analytics: await openAnalyticsStore(resources),
      applyCommand: transition.applyCommand,
      extendHolds: createHoldExtension(transition),
    }),
  )
}

/**
 * Changes after which a stage needs warm environments at once, or for longer. A sale that is created opens later: the warmer
 * looks every minute.
 */
const tellingWarmer = (administration: Administration): Administration => ({
  ...administration,
  open: thenAskWarmer(administration.open),
  extendHolds: thenAskWarmer(administration.extendHolds),
})

const thenAskWarmer =
  <Arguments extends unknown[], Result>(change: (...given: Arguments) => Promise<Result>) =>
  async (...given: Arguments): Promise<Result> => {
    const result = await change(...given)
    await askWarmer()
    return result
  }
