import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { endpoint, publicEndpoint, RawBody } from "../../core/adapters/http/handler.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { watchCall } from "../../core/adapters/watched-call.ts"
import { CheckoutBody } from "../../core/contracts/http/checkout.ts"
import { siteHostHeader } from "../../core/contracts/http/client-headers.ts"
import { RefundBody } from "../../core/contracts/http/refunds.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import { ProblemError, problems } from "../../core/contracts/problems.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { questionOf } from "../../core/runtime/receipts.ts"
import { readSecretVersions } from "../../core/runtime/secrets.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"
import { checkoutAnswer, checkoutFailure, webhookAnswer } from "./answers.ts"
import { runtime } from "./runtime.ts"
import { siteOf } from "./site.ts"
import { receiveWebhook } from "./webhook.ts"
import { checkout } from "./workflow.ts"

export { runtime }

export const handler = httpHandler({
  /** Pays for a hold, and answers with the order, or with the provider's page where the shopper goes on. */
  "POST /v1/reservations/{reservation_id}/checkout": endpoint(
    { body: CheckoutBody, query: ReceiptQuery, idempotencyKey: "required" },
    async ({ body, query, path, caller, idempotencyKey, instance, headers }) => {
      const startedAtMs = performance.now()
      const question = await questionOf(caller, path, query.receipt)
      const watch = watchCall("checkout")
      const note = () => {
        watch.ended()
        record("checkout.latency", performance.now() - startedAtMs)
      }
      const returnUrl = siteOf(headers[siteHostHeader])
      const request = { question, idempotencyKey, paymentMethod: body.payment_method, returnUrl }
      try {
        const answer = checkoutAnswer(await checkout(await runtime.open(), request), question.id, instance)
        note()
        return answer
      } catch (thrown) {
        const error = checkoutFailure(thrown)
        // The latency counts calls that end with "try again": their shoppers waited. A refusal is quick and would hide them.
        if (isUnavailable(error)) note()
        else watch.refused()
        throw error
      }
    },
  ),
  /** An operator returns money of an order. The function has the provider's key already; the other admin routes need none. */
  "POST /v1/admin/orders/{order_id}/refund": endpoint(
    { body: RefundBody, idempotencyKey: "required" },
    async ({ body, path, caller, idempotencyKey: key }) => {
      const { orders } = await runtime.open()
      return { status: 200, body: await orders.refund(path.order_id ?? "", body, { owner: caller.userId, key }) }
    },
  ),
  /** The provider says that something has become of a payment. */
  "POST /v1/payments/webhook": publicEndpoint({ body: RawBody }, async ({ body, headers }) => {
    const secrets = await readSecretVersions("PAYMENT_WEBHOOK_SECRET")
    const call = { text: body, signature: headers["stripe-signature"], secrets }
    return webhookAnswer(await receiveWebhook(await runtime.open(), call))
  }),
})

await warmApiAtInit("checkout", runtime, handler)

function isUnavailable(error: unknown): boolean {
  const problem = error instanceof ProblemError ? error : problemFor(error)
  return problem !== undefined && problems[problem.slug].status === 503
}
