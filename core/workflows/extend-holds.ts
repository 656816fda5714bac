import { extendByHand } from "../adapters/postgres/hold-extension.ts"
import { logger } from "../adapters/telemetry.ts"
import { type ProjectionDeps, projectReservations } from "./project-commit.ts"

/** Gives holds of a SKU that have not run out more time, and shows it. @returns how many @throws PostgreSQL's errors */
export type ExtendHolds = (skuNo: number, seconds: number) => Promise<number>

export const createHoldExtension =
  (deps: ProjectionDeps): ExtendHolds =>
  async (skuNo, seconds) => {
    const ids = await extendByHand(deps.pool, skuNo, seconds)
    await projectReservations(deps, ids).catch((error) =>
      logger.warn("Shoppers see the longer holds once Redis is back", { error: error as Error }),
    )
    return ids.length
  }
