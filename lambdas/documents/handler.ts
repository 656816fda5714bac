import { publicEndpoint } from "../../core/adapters/http/handler.ts"
import { openApiDocument } from "../../core/contracts/http/openapi.ts"
import { ordersConfirmedSchema, ordersConfirmedSchemaPath } from "../../core/contracts/orders-confirmed.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { receipts } from "../../core/runtime/receipts.ts"

/** Long enough that the edge serves nearly every reader; short enough that clients see a new key before its first signature. */
const cacheSeconds = 300
const headers = { "cache-control": `public, max-age=${cacheSeconds}` }

export const runtime = defineRuntime(async () => ({ receipts }))

/** Documents for developers of clients: the API's description, the records for a warehouse, and the keys that verify receipts. */
export const handler = httpHandler({
  "GET /openapi.json": publicEndpoint({}, async () => ({ status: 200, headers, body: openApiDocument() })),
  [`GET ${ordersConfirmedSchemaPath}`]: publicEndpoint({}, async () => ({
    status: 200,
    headers,
    body: ordersConfirmedSchema(),
  })),
  "GET /.well-known/receipt-keys.json": publicEndpoint({}, async () => ({
    status: 200,
    headers,
    body: await (await runtime.open()).receipts.publicKeys(),
  })),
})
