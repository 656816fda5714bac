import type { Pool } from "pg"
import type { LongCommand } from "../../contracts/ops.ts"
import { verify } from "../administration/administration.ts"
import { verifySale } from "../administration/verify-sale.ts"
import { type ReconcileDeps, reconcile } from "../reconcile/reconcile.ts"
import type { CommandHandlers } from "./handlers.ts"

/** What the long commands use; each is opened by the first command that needs it. */
export interface CheckParts {
  readonly readerPool: () => Promise<Pool>
  readonly comparison: () => Promise<ReconcileDeps>
}

/** Proofs over the whole history of a sale: they read, and change nothing. */
export const checkHandlers: CommandHandlers<LongCommand, CheckParts> = {
  "verify-sale": async (parts, _, host) => verifySale(await parts.readerPool(), host),
  invariants: async (parts) => verify(await parts.readerPool()),
  reconcile: async (parts, { sku_ids: skuIds, limit, hours }, { progress, signal }) =>
    reconcile(await parts.comparison(), { skuIds, limit, hours, progress, signal }),
}
