import { createDeadLetters, type DeadLetters } from "../adapters/kafka/dead-letters.ts"
import type { GroupName } from "../contracts/consumer-groups.ts"
import { environmentTopics, openKafka } from "./kafka.ts"
import type { Resources } from "./lifecycle.ts"

/** The dead-letter topic for a consumer group. It connects when the first record is set aside. */
export function openDeadLetters(resources: Resources, group: GroupName): DeadLetters {
  return resources.own(createDeadLetters(openKafka(group), environmentTopics().deadLetters, group), {
    close: (letters) => letters.close(),
  })
}
