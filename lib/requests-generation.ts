import { requestsTopicOf, type TopicKey, topics } from "../core/contracts/topics.ts"
import type { StageConfig } from "./config.ts"

/** The generation of the topic of requests of a stage. */
export const generationOf = ({ requestsGeneration = 1 }: Pick<StageConfig, "requestsGeneration">): number => requestsGeneration

/** The name of a topic in a stage: that of the requests is another one in each generation. */
export const topicNameOf = (stage: Pick<StageConfig, "requestsGeneration">, key: TopicKey): string =>
  key === "reservationRequests" ? requestsTopicOf(generationOf(stage)) : topics[key].name

/**
 * The generation before the one in force, which stays until the next: its topic may be looked at, and if the deployment is
 * rolled back, its consumers still have their rights. Undefined in the first one.
 */
export const generationBefore = (stage: Pick<StageConfig, "requestsGeneration">): number | undefined =>
  generationOf(stage) > 1 ? generationOf(stage) - 1 : undefined

/** What says to the functions which generation is in force; nothing in the first one, which they assume. */
export const requestsVariables = (stage: Pick<StageConfig, "requestsGeneration">): Readonly<Record<string, string>> =>
  generationBefore(stage) === undefined
    ? {}
    : { REQUESTS_TOPIC: topicNameOf(stage, "reservationRequests"), REQUESTS_GENERATION: String(generationOf(stage)) }
