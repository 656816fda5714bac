import {
  functionConfig,
  kafkaEnvironment,
  postgresEnvironment,
  redisEnvironment,
  stageEnvironment,
} from "../../core/adapters/config.ts"
import { type Caller, endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { AdminSkuQuery, CreateSkuBody, ExtendBody, ModeBody, RestockBody } from "../../core/contracts/http/admin.ts"
import { administrationRuntime } from "../../core/workflows/administration/administration.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...kafkaEnvironment })

const administration = (async () =>
  administrationRuntime({
    redisUrl: config.REDIS_URL,
    requestsTopic: config.REQUESTS_TOPIC,
    checkPool: await postgresPool({ role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }),
    endOffsets: createEndOffsets(kafkaClient(config.KAFKA_BROKERS, "admin")),
  }))()

const ok = (body: unknown) => ({ status: 200, body })
/** The call's idempotency key, if it brings one. */
const keyOf = ({ caller, idempotencyKey: key }: { caller: Caller; idempotencyKey: string }) =>
  key === "" ? undefined : { owner: caller.userId, key }
const skuOf = (path: Readonly<Record<string, string>>): string => path.sku_id ?? ""

/** /v1/admin: creates and steers sales, tells their counters, proves that nothing was oversold. */
export const handler = httpHandler({
  "GET /v1/admin/skus": endpoint({ query: AdminSkuQuery }, async ({ query }) => ok(await (await administration).list(query))),
  "POST /v1/admin/skus": endpoint({ body: CreateSkuBody }, async ({ body }) => {
    const { created, sku } = await (await administration).create(body)
    return { status: created ? 201 : 200, body: sku }
  }),
  "POST /v1/admin/skus/{sku_id}/open": endpoint({}, async ({ path }) => ok(await (await administration).open(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/close": endpoint({}, async ({ path }) => ok(await (await administration).close(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/halt": endpoint({}, async ({ path }) => ok(await (await administration).halt(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/resume": endpoint({}, async ({ path }) => ok(await (await administration).resume(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/restock": endpoint(
    { body: RestockBody, idempotencyKey: "optional" },
    async ({ body, path, ...call }) => ok(await (await administration).restock(skuOf(path), body.quantity, keyOf(call))),
  ),
  "POST /v1/admin/skus/{sku_id}/mode": endpoint({ body: ModeBody }, async ({ body, path }) => {
    const admin = await administration
    if (body.mode === "halted") return ok(await admin.halt(skuOf(path), body.freeze))
    return ok(await admin.switchMode(skuOf(path), body.mode, body.force))
  }),
  "POST /v1/admin/skus/{sku_id}/extend": endpoint(
    { body: ExtendBody, idempotencyKey: "optional" },
    async ({ body, path, ...call }) => ok(await (await administration).extendHolds(skuOf(path), body.seconds, keyOf(call))),
  ),
  "GET /v1/admin/skus/{sku_id}/stats": endpoint({}, async ({ path }) => ok(await (await administration).stats(skuOf(path)))),
  "GET /v1/admin/verify": endpoint({}, async () => ok(await (await administration).verify())),
})
