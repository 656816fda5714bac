import { reconciledSkus } from "../../../core/adapters/postgres/reconcile-reads.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import { differenceKinds } from "../../../core/domain/reconcile.ts"
import { mend } from "../../../core/workflows/reconcile/mend.ts"
import type { Handlers } from "./handlers.ts"

/** Mends what a reconciliation lists. */
export const mendHandlers: Handlers<"reconcile-mend"> = {
  "reconcile-mend": async (parts, { kind, sku_id: skuId, ids }) => {
    const deps = await parts.mending()
    const skuNo = (await reconciledSkus(await parts.readerPool(), [skuId], 0, 1)).get(skuId)
    if (skuNo === undefined) throw new NotFound("sku", { detail: `There is no SKU ${skuId}.` })
    const mended = await mend(deps, { kind, skuNo, ids })
    if (mended !== undefined) return mended
    const advice = `No command mends this. The runbook says what to do: ${differenceKinds[kind].heading}.`
    return { mended: 0, failed: ids.map((id) => ({ id, reason: advice })) }
  },
}
