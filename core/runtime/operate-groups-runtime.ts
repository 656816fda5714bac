import type { Pool } from "pg"
import { createConsumerGroups } from "../adapters/kafka/groups.ts"
import { type Consumers, createLambdaConsumers } from "../adapters/lambda/consumers.ts"
import { readProgress } from "../adapters/postgres/lag.ts"
import { type ConsumerGroup, consumerGroups } from "../contracts/consumer-groups.ts"
import { consumerFunctionName } from "../contracts/ops.ts"
import { createOperateGroups, type OperateGroups } from "../workflows/streams/operate-groups.ts"
import { functionConfig, stageEnvironment } from "./environment.ts"
import { environmentTopics, openKafka } from "./kafka.ts"
import { openRole } from "./role.ts"

/** Brokers may need longer for a request of an administrator than a shopper waits. */
const requestTimeoutMs = 10_000

const ours: Readonly<Record<string, ConsumerGroup>> = consumerGroups

/**
 * The operators' commands for consumer groups, at the brokers of the environment.
 * @param pool opens PostgreSQL, which has the watermarks; without it, commands for other groups work
 */
export function openOperateGroups(consumers: Consumers, pool: () => Promise<Pool>): OperateGroups {
  const topics = environmentTopics()
  return createOperateGroups({
    groups: createConsumerGroups(openKafka("ops", { requestTimeoutMs })),
    consumers,
    watermarks: async (topic) => (await readProgress(await pool(), topic)).watermarks,
    ours: new Map(Object.entries(ours).map(([group, { topic }]) => [group, topics[topic]])),
  })
}

/** The consumers of the stage that the environment names: event source mappings. */
export function openLambdaConsumers(): Consumers {
  const { STAGE: stage } = functionConfig(stageEnvironment)
  return createLambdaConsumers({
    ...openRole(),
    functionNameOf: (group) => consumerFunctionName(stage, `${ours[group]?.lambda}`),
  })
}
