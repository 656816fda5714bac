import { reconciledSkus } from "../../../core/adapters/postgres/reconcile-reads.ts"
import type { reconcileCommands } from "../../../core/contracts/operations/reconcile.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import { differenceKinds } from "../../../core/domain/reconcile.ts"
import { mend } from "../../../core/workflows/reconcile/mend.ts"
import { reconcile } from "../../../core/workflows/reconcile/reconcile.ts"
import type { Handlers } from "./handlers.ts"

/** What every source says of a sale, side by side. */
export const reconcileHandlers: Handlers<keyof typeof reconcileCommands> = {
  reconcile: async (parts, { sku_ids: skuIds, limit, hours }, { progress, signal }) => {
    const { compare } = await parts.reconciliation()
    return reconcile(compare, { skuIds, limit, hours, progress, signal })
  },
  "reconcile-mend": async (parts, { kind, sku_id: skuId, ids }) => {
    const { mend: deps } = await parts.reconciliation()
    const skuNo = (await reconciledSkus(await parts.readerPool(), [skuId], 0, 1)).get(skuId)
    if (skuNo === undefined) throw new NotFound("sku", { detail: `There is no SKU ${skuId}.` })
    const mended = await mend(deps, { kind, skuNo, ids })
    if (mended !== undefined) return mended
    const advice = `No command mends this. The runbook says what to do: ${differenceKinds[kind].heading}.`
    return { mended: 0, failed: ids.map((id) => ({ id, reason: advice })) }
  },
}
