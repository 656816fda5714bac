import { randomUUID } from "node:crypto"
import { Redis } from "ioredis"
import { Pool } from "pg"
import { expect } from "vitest"
import type { HttpHandler } from "../../core/adapters/http/handler.ts"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { freshDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { call } from "../unit/http/call.ts"
import { recordsIn } from "./topic-records.ts"

/**
 * The real API functions in this process, the real writer in its own.
 * @param redisThrough a proxy before Redis, if there is one
 */
export async function givenApi(redisThrough: (url: string) => Promise<string> = async (url) => url) {
  const database = await freshDatabase()
  const straightRedisUrl = await freshRedis()
  const redisUrl = await redisThrough(straightRedisUrl)
  const topics = await freshTopics({ databaseUrl: database.url, partitions: 2 })
  const environment: HandlerEnvironment = await handlerEnvironment({ databaseUrl: database.url, redisUrl, topics })
  const handlers = {
    admin: await import("../../lambdas/admin/handler.ts"),
    reserve: await import("../../lambdas/reserve/handler.ts"),
    batch: await import("../../lambdas/reserve-batch/handler.ts"),
    reservation: await import("../../lambdas/reservation/handler.ts"),
    availability: await import("../../lambdas/availability/handler.ts"),
    catalogue: await import("../../lambdas/catalogue/handler.ts"),
  }
  const redis = new Redis(straightRedisUrl)
  const superuser = new Pool({ connectionString: database.superuserUrl, max: 2 })
  const startWriter = () =>
    startPart("local/event-source/main.ts", {
      ...environment.variables,
      EVENT_SOURCE: "inventory-batch-writer",
      CONSUMER_GROUP: `writer-${randomUUID()}`,
    })

  async function as(
    user: { sub: string; scope?: string; tier?: 1 | 2 | 3 | 4 },
    handler: HttpHandler,
    routeKey: string,
    request: { path?: Record<string, string>; query?: string; body?: object; headers?: Record<string, string> } = {},
  ) {
    const { body, headers, ...rest } = request
    const token = await environment.token(user)
    return call(handler, routeKey, {
      ...rest,
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  const admin = { sub: "admin", scope: "sales:admin" }
  /** A SKU with a sale in draft: only its opening time can open it. */
  async function draft(definition: object = {}): Promise<string> {
    const sku_id = `sku-${randomUUID().slice(0, 8)}`
    const body = { sku_id, name: "A thing", price_minor: 500, currency: "EUR", total_stock: 1, ...definition }
    await as(admin, handlers.admin.handler, "POST /v1/admin/skus", { body })
    return sku_id
  }

  return {
    redis,
    superuser,
    requestsTopic: environment.variables.REQUESTS_TOPIC ?? "",
    startWriter,
    startSweeper: () => startPart("local/scheduler/main.ts", environment.variables),
    anyone: (name: "availability" | "catalogue", routeKey: string, path: Record<string, string> = {}) =>
      call(handlers[name].handler, routeKey, { path }),

    async sku(definition: object = {}) {
      const sku_id = await draft(definition)
      await as(admin, handlers.admin.handler, "POST /v1/admin/skus/{sku_id}/open", { path: { sku_id } })
      return sku_id
    },
    draft,

    reserve: (
      sub: string,
      sku_id: string,
      more: { key?: string; quantity?: number; join_waitlist?: boolean; prefer?: string; tier?: 1 | 2 | 3 | 4 } = {},
    ) => {
      const { key = "key-of-the-test", prefer, tier = 4, ...body } = more
      return as({ sub, tier }, handlers.reserve.handler, "POST /v1/reservations", {
        headers: { "idempotency-key": key, ...(prefer && { prefer }) },
        body: { sku_id, quantity: 1, ...body },
      })
    },

    batch: (items: object[], key = "key-of-the-batch", client = "partner") =>
      as({ sub: client, scope: "reservations:batch" }, handlers.batch.handler, "POST /v1/reservations/batch", {
        headers: { "idempotency-key": key },
        body: { items },
      }),

    status: (sub: string, reservation_id: string, query = "") =>
      as({ sub }, handlers.reservation.handler, "GET /v1/reservations/{reservation_id}", { path: { reservation_id }, query }),
    cancel: (sub: string, reservation_id: string) =>
      as({ sub }, handlers.reservation.handler, "DELETE /v1/reservations/{reservation_id}", { path: { reservation_id } }),

    forgetEverything: () => redis.flushdb(),
    /** Sets the watermark that Redis has for a partition. The next batch of the writer corrects it. */
    shownWatermark: async (partition: number) => Number(await redis.hget(redisKeys.partition(partition), "next")),
    showWatermark: (partition: number, next: number) => redis.hset(redisKeys.partition(partition), { next }),

    /** How many records were ever put into the queue. */
    recordsQueued: () => recordsIn(topics.requests),

    /** Units of a SKU that are held. */
    async unitsOf(skuId: string): Promise<number> {
      const { rows } = await superuser.query<{ units: number }>(
        "SELECT reserved_count AS units FROM inventory WHERE sku_id = $1",
        [skuId],
      )
      return rows[0]?.units ?? 0
    },

    async expectInvariants() {
      const { checks } = await checkInvariants(superuser)
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
    },

    async close() {
      await Promise.all(Object.values(handlers).map(({ runtime }) => runtime.close()))
      await environment.close()
      redis.disconnect()
      await superuser.end()
      await database.drop()
    },
  }
}
