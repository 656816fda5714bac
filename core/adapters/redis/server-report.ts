import type { Redis } from "ioredis"
import type { RedisReport } from "../../contracts/operations/redis.ts"

/** What a Redis server says of itself. @throws when Redis does not answer */
export async function serverReport(redis: Redis): Promise<Omit<RedisReport, "sales">> {
  const [info, keys] = await Promise.all([redis.info(), redis.dbsize()])
  const fields = new Map(info.split("\r\n").map((line) => line.split(":", 2) as [string, string]))
  const number = (name: string): number => Number(fields.get(name) ?? 0)
  return {
    version: fields.get("valkey_version") ?? fields.get("redis_version") ?? "not known",
    uptime_seconds: number("uptime_in_seconds"),
    role: fields.get("role") ?? "not known",
    used_bytes: number("used_memory"),
    limit_bytes: number("maxmemory"),
    policy: fields.get("maxmemory_policy") ?? "not known",
    evicted_keys: number("evicted_keys"),
    keys,
    clients: number("connected_clients"),
    hits: number("keyspace_hits"),
    misses: number("keyspace_misses"),
  }
}
