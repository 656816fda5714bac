import { requestsVariables } from "../environment.ts"
import type { Part } from "../services/part.ts"

/** The parts whose functions send, read or count requests. Producers come last: the writer waits for them. */
const usersOfRequests = [/^inventory-batch-writer(-\d+)?$/, /^scheduler$/, /^gateway(-\d+)?$/] as const

/** The parts that another generation of the requests starts anew, in the order in which they do, one after the other. */
export const partsOfRequests = (parts: readonly Part[]): readonly Part[] =>
  usersOfRequests.flatMap((name) => parts.filter((part) => name.test(part.name)))

/** A part as it starts with a generation of the requests: it starts again, and as quickly as after every end. */
export function inGeneration(part: Part, generation: number): Part {
  const changed = (command: Part["command"]) => ({ ...command, env: { ...command.env, ...requestsVariables(generation) } })
  const { restartCommand } = part
  return {
    ...part,
    command: changed(restartCommand ?? part.command),
    ...(restartCommand && { restartCommand: changed(restartCommand) }),
  }
}
