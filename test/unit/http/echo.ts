import { expect } from "vitest"
import { endpoint, publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { ReceiptQuery, ReserveBatchBody, ReserveBody } from "../../../core/contracts/http/reservations.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { type Call, call } from "./call.ts"
import { givenIssuer } from "./local-issuer.ts"

export const batchRoute = "POST /v1/reservations/batch"
export const statusRoute = "GET /v1/reservations/{reservation_id}"

/** A valid body. */
export const good = { sku_id: "sku-001", quantity: 1 }

/** Endpoints that answer with the request that reached them, behind the real pipeline and a real issuer. */
export async function givenEcho() {
  const issuer = await givenIssuer()
  const authorization = `Bearer ${await issuer.token({ scope: "sales:admin reservations:batch" })}`
  const handler = httpHandler({
    "POST /v1/reservations": endpoint({ body: ReserveBody, idempotencyKey: "required" }, async ({ body, ...request }) => ({
      status: 201,
      body: { ...body, idempotencyKey: request.idempotencyKey, prefersAsync: request.prefersAsync },
    })),
    [batchRoute]: endpoint({ body: ReserveBatchBody, idempotencyKey: "required" }, async ({ body }) => ({
      status: 202,
      body: { items: body.items.length },
    })),
    [statusRoute]: endpoint({ query: ReceiptQuery }, async ({ path, query }) => ({ status: 200, body: { ...path, ...query } })),
    "GET /v1/skus/{sku_id}": publicEndpoint({}, async ({ path }) => ({ status: 200, body: path })),
    "POST /v1/admin/skus/{sku_id}/halt": endpoint({}, () => new Promise(() => {})),
    "POST /v1/admin/skus/{sku_id}/open": endpoint({}, async ({ body }) => ({ status: 200, body: { body: body ?? null } })),
  })
  const json = (headers: Record<string, string> = {}) => ({
    authorization,
    "content-type": "application/json",
    "idempotency-key": "key-00001",
    ...headers,
  })
  return {
    handler,
    authorization,
    /** The headers of a valid call, and additional ones. */
    json,
    without: (name: string) => Object.fromEntries(Object.entries(json()).filter(([header]) => header !== name)),
    reserve: (body: unknown, request: Call = {}) =>
      call(handler, "POST /v1/reservations", {
        headers: json(),
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...request,
      }),
    close: () => issuer.close(),
  }
}

/** An answer with the problem, complete. */
export const refused = (status: number, slug: string) => ({
  status,
  headers: expect.objectContaining({ "content-type": "application/problem+json", "x-correlation-id": expect.any(String) }),
  body: expect.objectContaining({ type: `/problems/${slug}`, status, title: expect.any(String), instance: expect.any(String) }),
})

export const namesFields = (answer: { body: { errors: { field: string }[] } }) => answer.body.errors.map(({ field }) => field)
