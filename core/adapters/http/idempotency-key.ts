import { idempotencyKeyPattern } from "../../contracts/http/primitives.ts"
import { problem } from "../../contracts/problems.ts"
import type { Step } from "./exchange.ts"

/**
 * Reads the Idempotency-Key where the endpoint requires or accepts one. When a client sends two, the gateway joins them with a
 * comma, which no key contains.
 */
export const idempotencyKey = (): Step => ({
  before: ({ event: exchange }) => {
    const rule = exchange.endpoint.idempotencyKey
    if (rule === undefined) return
    const key = exchange.event.headers["idempotency-key"]
    if (key === undefined && rule === "optional") return
    if (key === undefined || (key === "" && rule === "required")) throw problem("idempotency-key-required")
    if (!idempotencyKeyPattern.test(key)) {
      throw problem("idempotency-key-invalid", {
        detail: "A key is 8 to 255 visible ASCII characters without comma and slash, sent once.",
      })
    }
    exchange.idempotencyKey = key
  },
})
