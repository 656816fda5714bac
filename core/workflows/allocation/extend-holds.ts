import { failureKind } from "../../adapters/failure-kind.ts"
import { extendOnce, type HandExtension } from "../../adapters/postgres/hold-extension.ts"
import { logger } from "../../adapters/telemetry.ts"
import type { KeyedCommand } from "../../domain/keyed-command.ts"
import { type ProjectionDeps, projectReservations } from "./project-commit.ts"

/** Extends the holds of a SKU that have not run out, once for each command, and updates Redis. @throws PostgreSQL's errors */
export type ExtendHolds = (skuNo: number, seconds: number, keyed: KeyedCommand) => Promise<HandExtension>

export const createHoldExtension =
  (deps: ProjectionDeps): ExtendHolds =>
  async (skuNo, seconds, keyed) => {
    const extend = () => extendOnce(deps.pool, skuNo, seconds, keyed)
    // Another call with this key committed first. The second try finds its result.
    const extension = await extend().catch((error) => (failureKind(error) === "conflict" ? extend() : Promise.reject(error)))
    await projectReservations(deps, extension.holds).catch((error) =>
      logger.warn("Shoppers see the longer holds once Redis is back", { error: error as Error }),
    )
    return extension
  }
