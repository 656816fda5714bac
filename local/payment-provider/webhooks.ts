import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import Stripe from "stripe"
import { logger } from "../../core/adapters/telemetry.ts"
import type { ProviderEvent } from "./outcome.ts"

/** The shop's webhook, and the secret that signs the calls. */
export interface WebhookTarget {
  readonly url: string
  readonly secret: string
}

/** Notifies the shop of changes of payments, refunds and disputes. */
export interface Webhooks {
  /** Returns at once. A call that the shop does not accept is repeated a few times, and then lost. */
  notify(event: ProviderEvent): void
  /** Sends no further calls. */
  stop(): void
}

/** Longest time of the shop to answer a call. */
const answerMs = 10_000
/** Pauses before a call is repeated. Stripe repeats calls for days; a hold lasts two minutes. */
const pausesMs = [200, 400, 800, 1_600, 3_200] as const
/** Calls under way at the same time. A further call is lost, as webhook calls may be. */
export const maxCallsAtOnce = 256

/** Sends Stripe's events, signed by Stripe's own code. */
export function createWebhooks(target: WebhookTarget | undefined): Webhooks {
  const stopped = new AbortController()
  let underWay = 0

  async function call({ url, secret }: WebhookTarget, body: string): Promise<boolean> {
    // Every repetition gets a new signature: its age counts from now.
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

  async function callUntilAccepted(to: WebhookTarget, body: string): Promise<void> {
    for (const pauseMs of pausesMs) {
      if (await call(to, body)) return
      if (stopped.signal.aborted) return
      await delay(pauseMs, undefined, { ref: false })
    }
    if (!(await call(to, body))) logger.warn("The shop accepted no try of a webhook call; the call is lost")
  }

  return {
    notify(event) {
      if (target === undefined || underWay >= maxCallsAtOnce) return
      underWay += 1
      callUntilAccepted(target, eventOf(event)).finally(() => {
        underWay -= 1
      })
    },
    stop: () => stopped.abort(),
  }
}

const eventOf = ({ type, object }: ProviderEvent): string =>
  JSON.stringify({
    id: `evt_${randomBytes(12).toString("hex")}`,
    object: "event",
    created: Math.floor(Date.now() / 1_000),
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
    data: { object },
  })
