import { publicEndpoint } from "../../core/adapters/http/handler.ts"
import { firstContact, proveWritable } from "../../core/adapters/redis/guard.ts"
import { functionConfig, kafkaEnvironment, postgresEnvironment, redisEnvironment } from "../../core/runtime/environment.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { openEndOffsets } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { readinessResponse } from "./answer.ts"
import { probe, probeTimeoutMs } from "./probe.ts"

const config = functionConfig({ ...postgresEnvironment, ...redisEnvironment, ...kafkaEnvironment })

export const runtime = defineRuntime(
  async (resources) => {
    const pool = await openPool(resources, { role: "reader", size: 1, queryTimeoutMs: probeTimeoutMs })
    const redis = await openRedis(resources)
    // A new process has not reached Redis yet; without this wait it would report a healthy Redis as away.
    const contact = firstContact(redis)
    const endOffsets = openEndOffsets(resources, "health")
    return {
      postgres: probe(() => pool.query("SELECT 1")),
      redis: probe(async () => contact.then(() => proveWritable(redis))),
      // The leaders of the partitions return end offsets: a broker that only accepts connections is not enough.
      kafka: probe(() => endOffsets(config.REQUESTS_TOPIC)),
    }
  },
  { eager: true },
)

const headers = { "cache-control": "no-store" }

/** GET /v1/health contacts nothing; GET /v1/ready contacts what the API depends on. */
export const handler = httpHandler({
  "GET /v1/health": publicEndpoint({}, async () => ({ status: 200, headers, body: { status: "ok" } })),

  "GET /v1/ready": publicEndpoint({}, async () => {
    const probes = await runtime.open()
    const [postgres, redis, kafka] = await Promise.all([probes.postgres(), probes.redis(), probes.kafka()])
    return { headers, ...readinessResponse({ postgres, redis, kafka }) }
  }),
})
