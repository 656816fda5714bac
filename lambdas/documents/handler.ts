import { httpHandler, publicEndpoint } from "../../core/adapters/http/handler.ts"
import { publicReceiptKeys } from "../../core/adapters/receipts.ts"
import { openApiDocument } from "../../core/contracts/http/openapi.ts"

/** Long enough for the edge to serve nearly every reader, short enough for a rotated key to be known before it is needed. */
const cacheSeconds = 300
const headers = { "cache-control": `public, max-age=${cacheSeconds}` }

/** Documents for whoever integrates: the API's description, and the keys that verify receipts. */
export const handler = httpHandler({
  "GET /openapi.json": publicEndpoint({}, async () => ({ status: 200, headers, body: openApiDocument() })),
  "GET /.well-known/receipt-keys.json": publicEndpoint({}, async () => ({
    status: 200,
    headers,
    body: await publicReceiptKeys(),
  })),
})
