import { Redis } from "ioredis"
import { inject } from "vitest"

const counterKey = "test:databases-given"

/** @returns the URL of an empty Redis database that no other test file uses. The first database counts the databases in use. */
export async function freshRedis(): Promise<string> {
  const { redisUrl, redisDatabases } = inject("services")
  const redis = new Redis(redisUrl)
  try {
    const database = ((await redis.incr(counterKey)) % (redisDatabases - 1)) + 1
    await redis.select(database)
    await redis.flushdb()
    return `${redisUrl}/${database}`
  } finally {
    redis.disconnect()
  }
}

/** The identity of a primary, which its `complete` marks carry. */
export async function primaryOf(redis: Redis): Promise<string> {
  const [, id = ""] = /master_replid:(\w+)/.exec(await redis.info("replication")) ?? []
  return id
}
