import { endpoint } from "../../core/adapters/http/handler.ts"
import { readOrder, readOrders } from "../../core/adapters/postgres/orders.ts"
import { OrderPageQuery } from "../../core/contracts/http/pages.ts"
import { NotFound } from "../../core/domain/errors.ts"
import { functionConfig, postgresEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment })

export const runtime = defineRuntime(
  async (resources) => ({ pool: await openPool(resources, { role: "reader", size: config.DATABASE_POOL_SIZE }) }),
  { eager: true },
)

/** GET /v1/orders and /v1/orders/{order_id}: the shopper's orders, newest first; an order of another shopper is not found. */
export const handler = httpHandler({
  "GET /v1/orders": endpoint({ query: OrderPageQuery }, async ({ caller, query }) => ({
    status: 200,
    body: await readOrders((await runtime.open()).pool, caller.userId, query),
  })),

  "GET /v1/orders/{order_id}": endpoint({}, async ({ caller, path }) => {
    const { pool } = await runtime.open()
    const order = await readOrder(pool, path.order_id ?? "", caller.userId)
    if (order === undefined) throw new NotFound("order")
    return { status: 200, body: order }
  }),
})

await warmApiAtInit("orders", runtime, handler)
