import { publicEndpoint } from "../../core/adapters/http/handler.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openReadParts } from "../../core/runtime/read-runtime.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"
import { availability } from "./workflow.ts"

export const runtime = defineRuntime(openReadParts)

/** The edge reads once a second for all clients. While a read runs, it serves the previous answer. */
const headers = { "cache-control": "public, max-age=1, stale-while-revalidate=5" }

/** GET /v1/skus/{sku_id}/availability: the stock as seen now. */
export const handler = httpHandler({
  "GET /v1/skus/{sku_id}/availability": publicEndpoint({}, async ({ path }) => ({
    status: 200,
    headers,
    body: await availability(await runtime.open(), path.sku_id ?? ""),
  })),
})

await warmApiAtInit("availability", runtime, handler)
