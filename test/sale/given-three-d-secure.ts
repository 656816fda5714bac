import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { givenCheckout, type Hold } from "./given-checkout.ts"
import { eventOf } from "./signed-call.ts"

/** A card that its holder has to confirm. */
export const method = "pm_card_threeDSecure2Required"

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof givenCheckout>>["pay"]>>
export const problemOf = ({ status, body }: Answer) => [status, body.type]
export const conflict = (slug: string) => [409, `/problems/${slug}`]

/** A sale whose shoppers are sent to the provider to confirm, and the provider, whose webhook calls the tests send. */
export async function givenThreeDSecure() {
  const given = await givenCheckout()

  /** A hold of a SKU of its own, and a key to pay it with. */
  async function held() {
    const sku = await given.sku({ total_stock: 1, price_minor: 4_200 })
    const [hold] = await given.reserve(sku)
    if (hold === undefined) throw new Error("Nothing was reserved")
    return { hold, key: randomUUID() as string, skuNo: sku.skuNo }
  }

  /** A hold of a shopper at the provider's page, and the next actions of the shopper and the provider. */
  async function sent() {
    const { hold, key, skuNo } = await held()
    const retry = () => given.pay(hold, { key, method })
    const first = await retry()
    const url = String(first.body.action_url)
    return {
      ...{ hold, key, skuNo, first, retry },
      act: (outcome: "confirm" | "fail") => given.provider.act(url, outcome),
      sendWebhook: (type?: string) => sendWebhookFor(hold, key, type),
      history: () => given.paymentOf(hold, key),
      attempts: () => given.attempts(hold),
      statusIs: async (status: string) => expect((await given.status(hold)).body.status).toBe(status),
    }
  }

  /** Sends the provider's webhook call about the payment of a key. It does not contain the state of the payment. */
  async function sendWebhookFor(hold: Hold, key: string, type?: string) {
    const attemptId = attemptIdOf(hold.id, key)
    const [payment] = await given.provider.payments(attemptId)
    return given.webhook(eventOf(payment?.id ?? "pi_none", attemptId, type))
  }

  return { ...given, held, sent, sendWebhookFor }
}

/** A hold whose shopper was sent to the provider. */
export type Sent = Awaited<ReturnType<Awaited<ReturnType<typeof givenThreeDSecure>>["sent"]>>
