import type { Redis } from "ioredis"
import { loadScripts, type RedisToken, redisClient } from "../adapters/redis/client.ts"
import { firstContact } from "../adapters/redis/guard.ts"
import { functionConfig, redisEnvironment } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { hasSecret, readSecret } from "./secrets.ts"

// ioredis needs the token at the moment it connects. The token is read while the module loads: the first request does not wait
// for it.
if (hasSecret("REDIS_AUTH_TOKEN")) readSecret("REDIS_AUTH_TOKEN").catch(() => {})

/** A connection to the Redis of the environment, with the lifecycle of a runtime. @throws Error when its token cannot be read */
export async function openRedis(resources: Resources): Promise<Redis> {
  const { REDIS_URL } = functionConfig(redisEnvironment)
  return resources.own(redisClient(REDIS_URL, await redisToken()), {
    async warm(redis) {
      await firstContact(redis)
      await loadScripts(redis)
    },
    close: (redis) => redis.disconnect(),
  })
}

/**
 * A connection that was made, or that has had a second to be: the first command of a process would find one that is not ready,
 * and take Redis for away. @throws Error as openRedis
 */
export async function openReadyRedis(resources: Resources): Promise<Redis> {
  const redis = await openRedis(resources)
  await firstContact(redis)
  return redis
}

/** The password that the environment names, if it names one. @throws Error as readSecret */
export async function redisToken(): Promise<RedisToken | undefined> {
  if (!hasSecret("REDIS_AUTH_TOKEN")) return undefined
  const read = () => readSecret("REDIS_AUTH_TOKEN")
  return { current: await read(), read }
}
