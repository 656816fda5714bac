import { functionConfig, kafkaEnvironment, postgresEnvironment, redisEnvironment } from "../../core/adapters/config.ts"
import { httpHandler, publicEndpoint } from "../../core/adapters/http/handler.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact, proveWritable } from "../../core/adapters/redis/guard.ts"
import { readinessResponse } from "./answer.ts"
import { probe, probeTimeoutMs } from "./probe.ts"

const config = functionConfig({ ...postgresEnvironment, ...redisEnvironment, ...kafkaEnvironment })

const pool = postgresPool({ role: "reader", size: 1, queryTimeoutMs: probeTimeoutMs })
const redis = redisClient(config.REDIS_URL)
// A process that has just begun would call a Redis that it has not reached yet away.
const contact = firstContact(redis)
const endOffsets = createEndOffsets(kafkaClient(config.KAFKA_BROKERS, "health"))

const probes = {
  postgres: probe(async () => (await pool).query("SELECT 1")),
  redis: probe(async () => contact.then(() => proveWritable(redis))),
  // End offsets come from the leaders of the partitions: a broker that merely listens does not pass.
  kafka: probe(() => endOffsets(config.REQUESTS_TOPIC)),
}

const headers = { "cache-control": "no-store" }

/** GET /v1/health touches nothing; GET /v1/ready asks what the API depends on. */
export const handler = httpHandler({
  "GET /v1/health": publicEndpoint({}, async () => ({ status: 200, headers, body: { status: "ok" } })),

  "GET /v1/ready": publicEndpoint({}, async () => {
    const [postgres, redis, kafka] = await Promise.all([probes.postgres(), probes.redis(), probes.kafka()])
    return { headers, ...readinessResponse({ postgres, redis, kafka }) }
  }),
})

/** Lets go of the connections. */
export async function shutdown(): Promise<void> {
  redis.disconnect()
  await (await pool).end()
}
