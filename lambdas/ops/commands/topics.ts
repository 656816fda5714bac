import { readTopics } from "../../../core/adapters/kafka/topic-views.ts"
import type { topicCommands } from "../../../core/contracts/operations/topics.ts"
import { type TopicDefinition, type TopicKey, topics } from "../../../core/contracts/topics.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import { environmentTopics } from "../../../core/runtime/kafka.ts"
import type { Handlers } from "./handlers.ts"

/** The brokers and the topics. */
export const topicHandlers: Handlers<keyof typeof topicCommands> = {
  topics: async (parts, { topic }) => {
    const keys = topic === undefined ? (Object.keys(topics) as TopicKey[]) : [topicNamed(topic)]
    const names = environmentTopics()
    const definitions = keys.map((key): TopicDefinition => ({ ...topics[key], name: names[key] }))
    return readTopics(await parts.kafka(), definitions)
  },
}

/** The topic of a name: the one of the documents, or the one at these brokers. @throws NotFound when there is none */
export function topicNamed(name: string): TopicKey {
  const names = environmentTopics()
  const key = (Object.keys(topics) as TopicKey[]).find((each) => topics[each].name === name || names[each] === name)
  if (key !== undefined) return key
  const known = Object.values(topics).map((topic) => topic.name)
  throw new NotFound("topic", { detail: `The topics are ${known.join(", ")}.` })
}
