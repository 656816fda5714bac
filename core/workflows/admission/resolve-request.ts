import type { Trace } from "../../adapters/kafka/request-log.ts"
import type { SkuDirectory, SkuRecord } from "../../adapters/postgres/sku-directory.ts"
import type { AdmissionRefusal, AdmissionRequest } from "../../domain/admission.ts"
import { bodyHashOf, ownerOf } from "../../domain/ids.ts"
import { saleStatusAt } from "../../domain/sale.ts"
import type { Client } from "../../domain/suspicion.ts"

/** What a shopper asks for, by the public name of the SKU. */
export interface ShopperRequest {
  readonly id: string
  readonly userId: string
  readonly skuId: string
  readonly quantity: number
  readonly joinWaitlist: boolean
  /** Pays for the request with a token of the rate limit; undefined when the request costs none. */
  readonly client?: Client
  readonly trace?: Trace
}

/** A request for a SKU that exists, in a quantity that the SKU allows. */
export interface ResolvedRequest extends AdmissionRequest {
  readonly sku: SkuRecord
  readonly trace?: Trace
}

/** The request did not get in. This is no decision, it is not stored, and a retry may have another answer. */
export interface Refused {
  readonly kind: "refused"
  readonly reason: AdmissionRefusal | "sku-not-found" | "quantity-limit"
  /** True when the key has a decision: only this call is refused. */
  readonly isDecided: boolean
  /** A sentence for the shopper. */
  readonly detail?: string
  readonly retryAfterSeconds?: number
}

/** Makes a refusal of a request whose key has no decision. */
export const refused = (reason: Refused["reason"], more: Partial<Refused> = {}): Refused => ({
  kind: "refused",
  reason,
  isDecided: false,
  ...more,
})

/**
 * Finds the SKU and builds the request that admission, the queue and the decision work with.
 * @throws PostgreSQL's errors, or Overloaded, while this process does not know the SKU
 */
export async function resolveRequest(
  directory: SkuDirectory,
  { id, userId, skuId, quantity, joinWaitlist, client, trace }: ShopperRequest,
): Promise<{ readonly kind: "resolved"; readonly request: ResolvedRequest } | Refused> {
  const sku = await directory.findTimely(skuId)
  if (sku === undefined) return refused("sku-not-found")
  const { skuNo, perUserLimit, mode } = sku.sale
  const moment = directory.now()
  if (quantity > perUserLimit) return refused("quantity-limit", { detail: `At most ${perUserLimit} per shopper.` })
  const request: ResolvedRequest = {
    id,
    userId,
    owner: ownerOf(userId),
    skuNo,
    partition: sku.partition,
    quantity,
    joinWaitlist,
    bodyHash: bodyHashOf(skuId, quantity, joinWaitlist),
    mode,
    moment,
    status: saleStatusAt(sku.sale, moment),
    limits: directory.limits(),
    sku,
    ...(client && { client }),
    ...(trace && { trace }),
  }
  return { kind: "resolved", request }
}
