import { functionConfig, postgresEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { readOrder, readOrders } from "../../core/adapters/postgres/orders.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { OrderPageQuery } from "../../core/contracts/http/pages.ts"
import { NotFound } from "../../core/domain/errors.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment })
const pool = postgresPool({ role: "reader", size: config.DATABASE_POOL_SIZE })

/** GET /v1/orders and /v1/orders/{order_id}: what the shopper bought, newest first. The order of another shopper does not exist for them. */
export const handler = httpHandler({
  "GET /v1/orders": endpoint({ query: OrderPageQuery }, async ({ caller, query }) => ({
    status: 200,
    body: await readOrders(await pool, caller.userId, query),
  })),

  "GET /v1/orders/{order_id}": endpoint({}, async ({ caller, path }) => {
    const order = await readOrder(await pool, path.order_id ?? "", caller.userId)
    if (order === undefined) throw new NotFound("order")
    return { status: 200, body: order }
  }),
})

/** Lets go of the connections, when the process ends. */
export const shutdown = async (): Promise<void> => (await pool).end()
