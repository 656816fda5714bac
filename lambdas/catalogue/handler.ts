import { publicEndpoint } from "../../core/adapters/http/handler.ts"
import type { SkuRecord } from "../../core/adapters/postgres/sku-directory.ts"
import { SkuPageQuery, skuCursor } from "../../core/contracts/http/pages.ts"
import { timestampOrNull } from "../../core/contracts/http/primitives.ts"
import type { Sku } from "../../core/contracts/http/skus.ts"
import { NotFound } from "../../core/domain/errors.ts"
import type { Instant } from "../../core/domain/reservation.ts"
import { publicSaleStatus } from "../../core/domain/sale-status.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openReadParts } from "../../core/runtime/read-runtime.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"

export const runtime = defineRuntime(openReadParts)

const headers = { "cache-control": "public, max-age=1, stale-while-revalidate=5" }

/** The catalogue: what is sold, at which price, from when. A process reads each page and each SKU at most once a second. */
export const handler = httpHandler({
  "GET /v1/skus": publicEndpoint({ query: SkuPageQuery }, async ({ query: { cursor: after = 0, limit } }) => {
    const { catalogue, directory } = await runtime.open()
    const { skus, next } = await catalogue.page(after, limit)
    const items = skus.map((sku) => skuOf(sku, directory.now()))
    return { status: 200, headers, body: { items, next: next === undefined ? null : skuCursor(next) } }
  }),

  "GET /v1/skus/{sku_id}": publicEndpoint({}, async ({ path: { sku_id: skuId = "" } }) => {
    const { directory } = await runtime.open()
    // During an outage of PostgreSQL the SKU as it was: its name and price have not changed.
    const sku = await directory.findFresh(skuId).catch(() => directory.find(skuId))
    if (sku === undefined) throw new NotFound("sku")
    return { status: 200, headers, body: skuOf(sku, directory.now()) }
  }),
})

await warmApiAtInit("catalogue", runtime, handler)

/** @param now a moment that PostgreSQL's clock has passed */
const skuOf = ({ skuId, name, priceMinor, currency, sale }: SkuRecord, now: Instant): Sku => ({
  sku_id: skuId,
  name,
  price_minor: priceMinor,
  currency,
  per_user_limit: sale.perUserLimit,
  hold_seconds: sale.holdSeconds,
  status: publicSaleStatus(sale, now),
  opens_at: timestampOrNull(sale.opensAt),
  closes_at: timestampOrNull(sale.closesAt),
})
