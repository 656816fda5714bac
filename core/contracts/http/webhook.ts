import * as z from "zod"

/**
 * POST /v1/payments/webhook: an event of the provider. The schema requires only the members that every event has. The members
 * that we use are checked after the signature (core/adapters/payment/webhook.ts).
 */
export const WebhookBody = z
  .looseObject({ id: z.string(), type: z.string(), data: z.looseObject({ object: z.looseObject({}) }) })
  .meta({ id: "WebhookBody" })

export const WebhookAnswer = z.strictObject({ received: z.literal(true) }).meta({ id: "WebhookAnswer" })
export type WebhookAnswer = z.infer<typeof WebhookAnswer>
