import type { Admin } from "kafkajs"

/** ConfigResourceTypes.TOPIC: Node cannot import this enum of kafkajs by its name. */
const topicResource = 2

/** The settings of topics, by topic and name. @throws kafkajs' errors */
export async function topicSettings(
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: topicResource, name })),
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}
