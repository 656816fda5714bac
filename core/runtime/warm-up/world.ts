import type { Redis } from "ioredis"
import { redisClient } from "../../adapters/redis/client.ts"
import { firstContact } from "../../adapters/redis/guard.ts"
import { warmUpTopic } from "../../contracts/topics.ts"
import { functionConfig, inWarmUpEnvironment, redisEnvironment, type Variables, warmUpEnvironment } from "../environment.ts"
import { createResources, type Resources } from "../lifecycle.ts"
import { redisToken } from "../redis.ts"
import { openPaymentStandIn } from "./payment-stand-in.ts"
import { openWarmUpSales, type WarmUpSales } from "./sales.ts"
import { createWarmUpIssuer, type WarmUpIssuer } from "./shoppers.ts"

/**
 * What a process uses for its warm-up instead of the sale's own: a database beside the sale's, another Redis database, a
 * topic that nothing reads, an issuer with a key of this process, and a stand-in for the payment provider. Requests from
 * outside cannot reach any of them: the environment leads to them only before the process serves.
 */
export interface WarmUpWorld extends Pick<WarmUpIssuer, "shoppers"> {
  readonly sales: WarmUpSales
  readonly redis: Redis
  /** Closed with the world. */
  readonly resources: Resources
}

/**
 * Works in a world of its own, and removes it afterwards.
 * @throws what `work` throws; the errors of PostgreSQL and Redis
 */
export async function inWarmUpWorld<Result>(work: (world: WarmUpWorld) => Promise<Result>): Promise<Result> {
  const [issuer, provider] = await Promise.all([createWarmUpIssuer(), openPaymentStandIn()])
  try {
    return await inWarmUpEnvironment({ ...issuer.variables, ...provider.variables, ...storeVariables() }, async () => {
      const resources = createResources()
      try {
        const sales = await openWarmUpSales()
        // Owned first, so that they are removed last: the parts of the work may still use them.
        const redis = resources.own(await openWarmUpRedis(), { close: (opened) => leave(opened, sales) })
        return await work({ shoppers: issuer.shoppers, sales, redis, resources })
      } finally {
        await resources.close()
      }
    })
  } finally {
    await provider.close()
  }
}

function storeVariables(): Variables {
  const { REDIS_URL, WARM_UP_REDIS_DATABASE } = functionConfig({ ...redisEnvironment, ...warmUpEnvironment })
  const url = new URL(REDIS_URL)
  url.pathname = `/${WARM_UP_REDIS_DATABASE}`
  return { REDIS_URL: url.href, REQUESTS_TOPIC: warmUpTopic.name, REQUESTS_GENERATION: "1", EVENTS_TOPIC: warmUpTopic.name }
}

async function openWarmUpRedis(): Promise<Redis> {
  const { REDIS_URL } = functionConfig(redisEnvironment)
  const redis = redisClient(REDIS_URL, await redisToken())
  await firstContact(redis)
  return redis
}

/** The last process that warms up leaves the Redis database empty. */
async function leave(redis: Redis, sales: WarmUpSales): Promise<void> {
  try {
    if (await sales.remove()) await redis.flushdb("ASYNC")
  } finally {
    redis.disconnect()
  }
}
