import { Pool } from "pg"
import { expect } from "vitest"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { pickPort } from "../../local/services/ports.ts"
import { freshDatabase } from "../services/database.ts"
import { startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { type Ask, givenApi, givenPaymentProvider, newKey } from "./bad-input-api.ts"

/** On a busy machine a decision may take long. The tests check the decision, not its speed. */
const longDecisionWait = { DECISION_WAIT_MS: "4000" }

/** The API with its writer and payment provider, each a process, and what shoppers do with it. */
export async function givenShop() {
  const database = await freshDatabase()
  const superuser = new Pool({ connectionString: database.superuserUrl, max: 2 })
  const redisUrl = await freshRedis()
  const redis = redisClient(redisUrl)
  await firstContact(redis)
  const topics = await freshTopics({ databaseUrl: database.url })
  // The two need each other's address, so one address is chosen beforehand.
  const port = await pickPort(new Set())
  const provider = await givenPaymentProvider(`http://127.0.0.1:${port}/v1/payments/webhook`)
  const api = await givenApi({
    databaseUrl: database.url,
    redisUrl,
    topics,
    paymentApiUrl: provider.url,
    port,
    more: longDecisionWait,
  })
  const writer = await startPart("local/event-source/main.ts", {
    ...api.variables,
    EVENT_SOURCE: "inventory-batch-writer",
    CONSUMER_GROUP: `writer-${newKey()}`,
  })

  const reserve = (sku_id: string, user: string, more: Ask & { quantity?: number; join_waitlist?: boolean } = {}) => {
    const { quantity = 1, join_waitlist, ...rest } = more
    const body = { sku_id, quantity, ...(join_waitlist !== undefined && { join_waitlist }) }
    return api.ask("POST", "/v1/reservations", { user, key: newKey(), body, ...rest })
  }

  return {
    api,
    topics,
    provider,
    writer,
    superuser,
    redis,
    reserve,
    cancel: (id: string, user: string) => api.ask("DELETE", `/v1/reservations/${id}`, { user }),
    pay(id: string, user: string, more: Ask & { payment_method?: string } = {}) {
      const { payment_method = "pm_card_visa", ...rest } = more
      return api.ask("POST", `/v1/reservations/${id}/checkout`, { user, key: newKey(), body: { payment_method }, ...rest })
    },

    /** A hold of the shopper; its id. */
    async hold(sku: string, user: string): Promise<string> {
      const { status, body } = await reserve(sku, user)
      expect([status, body.status]).toEqual([201, "RESERVED"])
      return String(body.reservation_id)
    },

    /** Moves the data's clock: the hold ended a second ago. */
    endHold: (id: string) =>
      superuser.query("UPDATE reservations SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id]),

    /** The end of every file: all invariants hold. */
    async expectInvariants() {
      expect(await api.admin("GET", "/v1/admin/verify")).toMatchObject({ status: 200, body: { ok: true } })
    },

    async close() {
      await Promise.all([writer.stop(), provider.stop(), api.close()])
      redis.disconnect()
      await superuser.end()
      await database.drop()
    },
  }
}
