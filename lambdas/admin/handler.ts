import { type Caller, endpoint } from "../../core/adapters/http/handler.ts"
import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { AnalyticsQuery } from "../../core/contracts/analytics.ts"
import { AdminSkuQuery, CreateSkuBody, ExtendBody, ModeBody, RestockBody } from "../../core/contracts/http/admin.ts"
import { openAdministration } from "../../core/runtime/administration-runtime.ts"
import {
  functionConfig,
  kafkaEnvironment,
  postgresEnvironment,
  redisEnvironment,
  stageEnvironment,
} from "../../core/runtime/environment.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { openEndOffsets } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...kafkaEnvironment })

export const runtime = defineRuntime(
  async (resources) =>
    openAdministration(resources, {
      requestsTopic: config.REQUESTS_TOPIC,
      checkPool: await openPool(resources, { role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }),
      endOffsets: openEndOffsets(resources, "admin"),
    }),
  { eager: true },
)

const ok = (body: unknown) => ({ status: 200, body })
/** The call's idempotency key, if it brings one. */
const keyOf = ({ caller, idempotencyKey: key }: { caller: Caller; idempotencyKey: string }) =>
  key === "" ? undefined : { owner: caller.userId, key }
const skuOf = (path: Readonly<Record<string, string>>): string => path.sku_id ?? ""

/** /v1/admin: creates and steers sales, shows their counters, verifies that nothing was oversold. */
export const handler = httpHandler({
  "GET /v1/admin/skus": endpoint({ query: AdminSkuQuery }, async ({ query }) => ok(await (await runtime.open()).list(query))),
  "POST /v1/admin/skus": endpoint({ body: CreateSkuBody }, async ({ body }) => {
    const { created, sku } = await (await runtime.open()).create(body)
    return { status: created ? 201 : 200, body: sku }
  }),
  "POST /v1/admin/skus/{sku_id}/open": endpoint({}, async ({ path }) => ok(await (await runtime.open()).open(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/close": endpoint({}, async ({ path }) => ok(await (await runtime.open()).close(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/halt": endpoint({}, async ({ path }) => ok(await (await runtime.open()).halt(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/resume": endpoint({}, async ({ path }) => ok(await (await runtime.open()).resume(skuOf(path)))),
  "POST /v1/admin/skus/{sku_id}/restock": endpoint(
    { body: RestockBody, idempotencyKey: "optional" },
    async ({ body, path, ...call }) => ok(await (await runtime.open()).restock(skuOf(path), body.quantity, keyOf(call))),
  ),
  "POST /v1/admin/skus/{sku_id}/mode": endpoint({ body: ModeBody }, async ({ body, path }) => {
    const admin = await runtime.open()
    if (body.mode === "halted") return ok(await admin.halt(skuOf(path), body.freeze))
    return ok(await admin.switchMode(skuOf(path), body.mode, body.force))
  }),
  "POST /v1/admin/skus/{sku_id}/extend": endpoint(
    { body: ExtendBody, idempotencyKey: "optional" },
    async ({ body, path, ...call }) => ok(await (await runtime.open()).extendHolds(skuOf(path), body.seconds, keyOf(call))),
  ),
  "GET /v1/admin/skus/{sku_id}/stats": endpoint({}, async ({ path }) => ok(await (await runtime.open()).stats(skuOf(path)))),
  "GET /v1/admin/analytics": endpoint({ query: AnalyticsQuery }, async ({ query }) =>
    ok(await (await runtime.open()).analytics(query.sku_id)),
  ),
  "GET /v1/admin/verify": endpoint({}, async () => ok(await (await runtime.open()).verify())),
})
