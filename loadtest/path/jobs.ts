import { reservationIdOf, userIdOf } from "../../core/domain/ids.ts"
import { tokenIssuer } from "../../local/environment.ts"
import { headersOf } from "../fairness/clients.ts"
import type { Profile } from "./result.ts"

/** A measured profile, hostile traffic beside it, or shoppers who come and ask for nothing. */
export type Traffic = Profile | "hostile" | "visit"

/** A job for the generator. */
export interface Job<Of extends Traffic = Profile> {
  readonly profile: Of
  readonly port: number
  readonly skuId: string
  /** Requests a second, and the duration. */
  readonly rate: number
  readonly seconds: number
  /** The file of the shoppers' tokens, a JSON array. The shopper of a token is `shopperName` of its index. */
  readonly tokensFile: string
  /** Distinguishes this job's idempotency keys. A checkout pays for the reservations of the job with the same name. */
  readonly run: string
}

/** The headers of a browser: a client that looks like a program is flagged sooner. */
const browserLines = Object.entries(headersOf("firefox"))
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("")

export const shopperName = (index: number): string => `path-${index}`

/** How a profile's request is written, and the answer that counts. */
interface Shape {
  readonly request: (index: number) => string
  readonly status: number
  /** Part of the body of the answer that counts. */
  readonly mark: string
}

/** The request with a number, as bytes for the connection. The shoppers take turns. */
export function shapeOf({ profile, skuId, run }: Job<Traffic>, tokens: readonly string[]): Shape {
  const bearer = tokens.map((token) => `host: localhost\r\n${browserLines}authorization: Bearer ${token}\r\n`)
  const post = (path: string, index: number, key: string, body: string) =>
    `POST ${path} HTTP/1.1\r\n${bearer[index % bearer.length]}idempotency-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const wish = JSON.stringify({ sku_id: skuId, quantity: 1 })
  const keyOf = (index: number) => `${run}-${index}`
  switch (profile) {
    case "availability": {
      const request = `GET /v1/skus/${skuId}/availability HTTP/1.1\r\nhost: localhost\r\n${browserLines}\r\n`
      return { request: () => request, status: 200, mark: '"available"' }
    }
    case "reserve-ladder":
      return {
        request: (index) => post("/v1/reservations", index, keyOf(index), wish),
        status: 201,
        mark: '"status":"RESERVED"',
      }
    case "sold-out":
      // By admission: for a decision the request would have passed the queue.
      return {
        request: (index) => post("/v1/reservations", index, keyOf(index), wish),
        status: 409,
        mark: '"decided":false,"type":"/problems/sold-out"',
      }
    case "visit":
      return { request: (index) => post("/v1/reservations", index, keyOf(index), "{}"), status: 422, mark: "validation-failed" }
    case "hostile": {
      const kinds = [
        // Only the signature is wrong: each token is verified, because only valid tokens are cached.
        (index: number) => post("/v1/reservations", index, keyOf(index), wish).replace(/(Bearer [^\r]+)...\r/, "$1AAA\r"),
        // Always the same user: the last one, who is none of the good shoppers of a short run.
        (index: number) => post("/v1/reservations", bearer.length - 1, keyOf(index), wish),
        (index: number) => post("/v1/reservations", index, keyOf(index), '{"sku_id":"'),
        // Always another SKU: the system does not cache that a SKU does not exist.
        (index: number) => post("/v1/reservations", index, keyOf(index), JSON.stringify({ sku_id: keyOf(index), quantity: 1 })),
      ]
      return { request: (index) => kinds[index % kinds.length]?.(index) ?? "", status: 429, mark: "rate-limited" }
    }
    case "checkout": {
      const pay = JSON.stringify({ payment_method: "pm_card_visa" })
      const users = tokens.map((_, index) => userIdOf(tokenIssuer, shopperName(index)))
      return {
        request: (index) => {
          const id = reservationIdOf(users[index % users.length] ?? "", keyOf(index))
          return post(`/v1/reservations/${id}/checkout`, index, `pay-${run}-${index}`, pay)
        },
        status: 201,
        mark: '"order_id"',
      }
    }
  }
}
