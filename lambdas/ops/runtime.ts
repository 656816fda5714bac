import { functionConfig, kafkaEnvironment, redisEnvironment } from "../../core/adapters/config.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEndOffsets, type EndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { type Administration, administrationRuntime } from "../../core/workflows/administration/administration.ts"

/**
 * What the commands work with. Each part is made when the first command asks for it: a verification needs PostgreSQL alone, and must
 * be possible while Kafka and Redis are away.
 */
export function opsRuntime() {
  const readerPool = lazyAsync(() => postgresPool({ role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }))
  const line = lazyAsync(async (): Promise<{ endOffsets: EndOffsets; requestsTopic: string }> => {
    const { KAFKA_BROKERS, REQUESTS_TOPIC } = functionConfig(kafkaEnvironment)
    return { endOffsets: createEndOffsets(kafkaClient(KAFKA_BROKERS, "ops")), requestsTopic: REQUESTS_TOPIC }
  })
  const administration = lazyAsync(
    async (): Promise<Administration> =>
      administrationRuntime({
        redisUrl: functionConfig(redisEnvironment).REDIS_URL,
        checkPool: await readerPool(),
        ...(await line()),
      }),
  )
  return { readerPool, line, administration }
}

export type OpsRuntime = ReturnType<typeof opsRuntime>
