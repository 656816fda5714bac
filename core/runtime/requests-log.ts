import { requestsTopicOf } from "../contracts/topics.ts"
import { firstOffsetOfGeneration } from "../domain/log-generations.ts"
import { functionConfig, requestsEnvironment } from "./environment.ts"

/** The generation of the request log that the environment names, and those before it. */
export interface RequestsLog {
  /** The topic of the generation in force: requests are appended to it. */
  readonly topic: string
  readonly generation: number
  /** The first offset of the generation in force, as offsets count over all generations. */
  readonly firstOffset: number
  /** The topics of all generations so far, the first one first. */
  readonly topics: readonly string[]
  /** The topic of a generation. */
  topicOf(generation: number): string
  /** The first offset of a topic's generation; 0 for every other topic. */
  firstOffsetOf(topic: string): number
}

/** @throws Error when REQUESTS_TOPIC is not the name of the generation REQUESTS_GENERATION */
export function requestsLog(): RequestsLog {
  const { REQUESTS_TOPIC: topic, REQUESTS_GENERATION: generation } = functionConfig(requestsEnvironment)
  const first = firstNameOf(topic, generation)
  const topics = Array.from({ length: generation }, (_, index) => requestsTopicOf(index + 1, first))
  return {
    ...{ topic, generation, topics, firstOffset: firstOffsetOfGeneration(generation) },
    topicOf: (asked) => requestsTopicOf(asked, first),
    firstOffsetOf: (asked) => firstOffsetOfGeneration(Math.max(1, topics.indexOf(asked) + 1)),
  }
}

function firstNameOf(topic: string, generation: number): string {
  if (generation === 1) return topic
  const end = requestsTopicOf(generation, "")
  if (topic.endsWith(end)) return topic.slice(0, -end.length)
  throw new Error(`REQUESTS_TOPIC is ${topic}, which does not end in ${end}: it does not name generation ${generation}`)
}
