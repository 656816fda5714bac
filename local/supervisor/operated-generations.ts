import { requestsTopicOf, type TopicDefinition, topics, warmUpTopic } from "../../core/contracts/topics.ts"
import { firstOffsetOfGeneration } from "../../core/domain/log-generations.ts"
import { provisionLog } from "../provision.ts"
import type { Part } from "../services/part.ts"
import type { StateFolder } from "../services/state-folder.ts"
import type { ControlAnswer } from "./control-messages.ts"
import type { OperatedParts } from "./operated-parts.ts"
import type { Supervised } from "./supervise.ts"
import { inGeneration, partsOfRequests } from "./switch-generation.ts"
import type { System } from "./system.ts"

export interface OperatedGenerationsDeps {
  readonly folder: StateFolder
  readonly system: System
  readonly operated: Pick<OperatedParts, "change">
  readonly supervised: ReadonlyMap<string, Supervised>
  /** Starts a part and supervises it. Rejects when it cannot start. */
  readonly begin: (part: Part) => Promise<void>
  readonly say: (line: string) => void
}

/** The generation of the requests in a state folder; the first one in a new folder. */
export const generationIn = (folder: StateFolder): number => folder.read().requestsGeneration ?? 1

/** What a system needs of its brokers at a generation of the requests. */
export const logOf = (generation: number): { generation: number; definitions: TopicDefinition[] } => ({
  generation,
  definitions: [
    ...Object.values(topics).map((topic) =>
      topic.watermarked
        ? { ...topic, name: requestsTopicOf(generation), firstOffset: firstOffsetOfGeneration(generation) }
        : topic,
    ),
    warmUpTopic,
  ],
})

/**
 * Moves a running system to another generation of the requests, as a deployment does on AWS: it provisions the topic and its
 * watermarks, which refuses while the generation before has not ended, and starts the parts anew that use it. The next start of
 * the system uses it, too.
 */
export function createOperatedGenerations({ folder, system, operated, supervised, begin, say }: OperatedGenerationsDeps) {
  let inForce = generationIn(folder)
  let isSwitching = false
  let failed: string | undefined

  async function move(generation: number): Promise<void> {
    const { services, environment, processes } = system
    await provisionLog({
      databaseUrl: environment.DATABASE_URL ?? "",
      brokers: services.kafkaBrokers,
      ...logOf(generation),
    })
    folder.write({ requestsGeneration: generation })
    for (const part of partsOfRequests(processes)) {
      const next = inGeneration(part, generation)
      if (!operated.change(next)) continue
      await supervised.get(part.name)?.stop()
      await begin(next)
    }
    inForce = generation
  }

  return {
    state: (): Extract<ControlAnswer, { ok: true }>["generation"] => ({
      ...{ in_force: inForce, is_switching: isSwitching },
      ...(failed !== undefined && { failed }),
    }),
    /** Begins to move. A switch that is under way goes on; one that is done is not repeated. */
    use(generation: number): void {
      if (isSwitching || generation === inForce) return
      failed = undefined
      isSwitching = true
      say(`an operator moves the requests to generation ${generation}`)
      move(generation)
        .then(() => say(`the requests are at generation ${generation}`))
        .catch((error: unknown) => {
          failed = `${error instanceof Error ? error.message : String(error)}. Start the system again: npm stop, npm start`
          say(`the requests could not be moved to generation ${generation}: ${failed}`)
        })
        .finally(() => {
          isSwitching = false
        })
    },
  }
}

export type OperatedGenerations = ReturnType<typeof createOperatedGenerations>
