import type { messageCommands } from "../../../core/contracts/operations/messages.ts"
import { environmentTopics } from "../../../core/runtime/kafka.ts"
import { browse } from "../../../core/workflows/messages/browse.ts"
import type { Handlers } from "./handlers.ts"
import { topicNamed } from "./topics.ts"

/** Records of a topic, decoded. */
export const messageHandlers: Handlers<keyof typeof messageCommands> = {
  messages: async (parts, request, { signal }) => {
    const topic = topicNamed(request.topic)
    return browse(await parts.kafka(), { ...request, topic, topicName: environmentTopics()[topic] }, signal)
  },
}
