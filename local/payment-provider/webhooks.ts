import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import Stripe from "stripe"
import { logger } from "../../core/adapters/telemetry.ts"
import { type Payment, paymentIntent } from "./payment.ts"

/** Who is told, and with what the calls are signed. */
export interface WebhookTarget {
  readonly url: string
  readonly secret: string
}

/** Tells the shop what has become of payments. */
export interface Webhooks {
  /** Returns at once; a call that the shop does not take is repeated a few times, and then lost. */
  tell(payment: Payment, origin: string): void
  /** Nothing more is told. */
  stop(): void
}

/** How long the shop may take to answer a call. */
const answerMs = 10_000
/** The pauses before a call is repeated. Stripe goes on for days; a hold lasts two minutes. */
const pausesMs = [200, 400, 800, 1_600, 3_200] as const
/** Calls under way at once; one that would be beyond is lost, as calls may be. */
export const maxCallsAtOnce = 256

/** Events of Stripe's, signed by Stripe's own code. */
export function createWebhooks(target: WebhookTarget | undefined): Webhooks {
  const stopped = new AbortController()
  let atOnce = 0

  async function call({ url, secret }: WebhookTarget, body: string): Promise<boolean> {
    // Each repetition is signed anew: its age counts from now.
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret })
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(answerMs)])
    const headers = { "content-type": "application/json; charset=utf-8", "stripe-signature": signature }
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal })
      await response.arrayBuffer()
      return response.ok
    } catch {
      return false
    }
  }

  async function callUntilHeard(to: WebhookTarget, body: string): Promise<void> {
    for (const pauseMs of pausesMs) {
      if (await call(to, body)) return
      if (stopped.signal.aborted) return
      await delay(pauseMs, undefined, { ref: false })
    }
    if (!(await call(to, body))) logger.warn("A call to the shop was not heard and is lost")
  }

  return {
    tell(payment, origin) {
      if (target === undefined || atOnce >= maxCallsAtOnce) return
      atOnce += 1
      callUntilHeard(target, eventOf(payment, origin)).finally(() => {
        atOnce -= 1
      })
    },
    stop: () => stopped.abort(),
  }
}

const eventOf = (payment: Payment, origin: string): string =>
  JSON.stringify({
    id: `evt_${randomBytes(12).toString("hex")}`,
    object: "event",
    created: Math.floor(Date.now() / 1_000),
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: payment.status === "requires_capture" ? "payment_intent.amount_capturable_updated" : "payment_intent.payment_failed",
    data: { object: paymentIntent(payment, origin) },
  })
