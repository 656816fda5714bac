import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { endpoint, publicEndpoint, RawBody } from "../../core/adapters/http/handler.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { CheckoutBody } from "../../core/contracts/http/checkout.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import type { WebhookAnswer } from "../../core/contracts/http/webhook.ts"
import { problems } from "../../core/contracts/problems.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { receipts } from "../../core/runtime/receipts.ts"
import { readSecretVersions } from "../../core/runtime/secrets.ts"
import { actionRequired } from "./answers.ts"
import { runtime } from "./runtime.ts"
import { hearProvider } from "./webhook.ts"
import { checkout } from "./workflow.ts"

export { runtime }

export const handler = httpHandler({
  /** Pays for a hold, and answers with the order, or with the provider's page where the shopper goes on. */
  "POST /v1/reservations/{reservation_id}/checkout": endpoint(
    { body: CheckoutBody, query: ReceiptQuery, idempotencyKey: "required" },
    async ({ body, query, path, caller, idempotencyKey, instance }) => {
      const startedAtMs = performance.now()
      const { reservation_id: id = "" } = path
      const receipt =
        query.receipt === undefined ? {} : { receipt: await receipts.ofReservation(query.receipt, id, caller.owner) }
      const question = { id, userId: caller.userId, owner: caller.owner, ...receipt }
      const note = () => record("checkout.latency", performance.now() - startedAtMs)
      const answer = await checkout(await runtime.open(), { question, idempotencyKey, paymentMethod: body.payment_method }).catch(
        (error: unknown) => {
          // A shopper who is told to come back has waited, too; a refusal is quick and would only flatter.
          const problem = problemFor(error)
          if (problem && problems[problem.slug].status === 503) note()
          throw error
        },
      )
      note()
      if ("actionUrl" in answer) return actionRequired(id, answer.actionUrl, instance)
      return { status: answer.created ? 201 : 200, body: answer.order }
    },
  ),
  /** The provider says that something has become of a payment. */
  "POST /v1/payments/webhook": publicEndpoint({ body: RawBody }, async ({ body, headers }) => {
    const secrets = await readSecretVersions("PAYMENT_WEBHOOK_SECRET")
    await hearProvider(await runtime.open(), { text: body, signature: headers["stripe-signature"], secrets })
    return { status: 200, body: { received: true } satisfies WebhookAnswer }
  }),
})
