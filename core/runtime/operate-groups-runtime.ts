import type { Pool } from "pg"
import { type ConsumerGroups, createConsumerGroups } from "../adapters/kafka/groups.ts"
import { type Consumers, createLambdaConsumers } from "../adapters/lambda/consumers.ts"
import { readProgress } from "../adapters/postgres/lag.ts"
import { type ConsumerGroup, consumerGroups, groupIdOf, isGroupName } from "../contracts/consumer-groups.ts"
import { consumerFunctionName } from "../contracts/ops.ts"
import { kafkaOffsetOf } from "../domain/log-generations.ts"
import { createOperateGroups, type OperateGroups } from "../workflows/streams/operate-groups.ts"
import { functionConfig, stageEnvironment } from "./environment.ts"
import { environmentTopics, openKafka } from "./kafka.ts"
import { requestsLog } from "./requests-log.ts"
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
  const log = requestsLog()
  return createOperateGroups({
    groups: namedByGeneration(createConsumerGroups(openKafka("ops", { requestTimeoutMs })), log.generation),
    consumers,
    watermarks: async (topic) => {
      const { watermarks } = await readProgress(await pool(), topic)
      return new Map([...watermarks].map(([partition, offset]) => [partition, kafkaOffsetOf(offset)]))
    },
    ours: new Map(Object.entries(ours).map(([group, { topic }]) => [group, topics[topic]])),
  })
}

/**
 * The groups by the names of our table. At the brokers a group of the requests has the number of its generation behind its name;
 * those of earlier generations are not shown.
 */
function namedByGeneration(groups: ConsumerGroups, generation: number): ConsumerGroups {
  const idOf = (group: string) => (isGroupName(group) ? groupIdOf(group, generation) : group)
  const names = new Map(Object.keys(ours).map((group) => [idOf(group), group]))
  const earlier = new Set(
    Object.keys(ours).flatMap((group) =>
      isGroupName(group) ? Array.from({ length: generation - 1 }, (_, index) => groupIdOf(group, index + 1)) : [],
    ),
  )
  return {
    names: async () => (await groups.names()).filter((id) => names.has(id) || !earlier.has(id)).map((id) => names.get(id) ?? id),
    describe: async (asked) =>
      (await groups.describe(asked.map(idOf))).map((state) => ({ ...state, group: names.get(state.group) ?? state.group })),
    topicsOf: (group, topics) => groups.topicsOf(idOf(group), topics),
    atTime: groups.atTime,
    setOffsets: (group, topic, offsets) => groups.setOffsets(idOf(group), topic, offsets),
  }
}

/** The consumers of the stage that the environment names: event source mappings. */
export function openLambdaConsumers(): Consumers {
  const { STAGE: stage } = functionConfig(stageEnvironment)
  return createLambdaConsumers({
    ...openRole(),
    functionNameOf: (group) => consumerFunctionName(stage, `${ours[group]?.lambda}`),
  })
}
