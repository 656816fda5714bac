import { createConnection } from "node:net"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import type { Consumers } from "../../core/adapters/lambda/consumers.ts"
import { jsonOf } from "../../core/contracts/json.ts"
import type { ConsumerState } from "../../core/contracts/streams.ts"
import { TemporarilyUnavailable } from "../../core/domain/errors.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { ControlAnswer, type ControlRequest, controlSocket, type PartState } from "./control-messages.ts"

const answerWithinMs = 5_000
const pollMs = 200

/**
 * Sends a request to the supervisor of the folder.
 * @returns the states of the parts that an operator may stop
 * @throws Error when no supervisor answers, or when it refuses the request
 */
export async function askSupervisor(
  folder: StateFolder,
  request: ControlRequest,
): Promise<readonly { readonly part: string; readonly state: PartState }[]> {
  return (await answerOf(folder, request)).parts
}

/**
 * Moves the local system to a generation of the requests, and waits until every part that uses it has started anew.
 * @throws Error that says why a part did not
 */
export async function useGeneration(folder: StateFolder, generation: number): Promise<void> {
  let { generation: state } = await answerOf(folder, { command: "use-generation", generation })
  while (state.is_switching) {
    await delay(pollMs)
    state = (await answerOf(folder, { command: "status" })).generation
  }
  if (state.in_force !== generation) throw new Error(state.failed ?? `The system is at generation ${state.in_force}`)
}

async function answerOf(folder: StateFolder, request: ControlRequest): Promise<Extract<ControlAnswer, { ok: true }>> {
  const answered = ControlAnswer.safeParse(jsonOf(await exchange(controlSocket(folder), JSON.stringify(request))))
  if (!answered.success) throw new Error("The supervisor of the local system gave no answer that this version knows")
  if (!answered.data.ok) throw new Error(answered.data.error)
  return answered.data
}

async function exchange(path: string, line: string): Promise<string> {
  const socket = createConnection(path)
  socket.setTimeout(answerWithinMs, () => socket.destroy(new Error("no answer in time")))
  socket.end(`${line}\n`)
  try {
    return await text(socket)
  } catch (error) {
    throw new TemporarilyUnavailable("The supervisor does not answer", {
      cause: error,
      detail: "The supervisor of the local system does not answer. Is it running? npm start starts it.",
    })
  }
}

/** The consumers of the local system, which its supervisor stops and starts. */
export function localConsumers(folder: StateFolder): Consumers {
  const partsOf = async (group: string) => {
    const parts = (await askSupervisor(folder, { command: "status" })).filter(({ part }) => isOfGroup(part, group))
    if (parts.length === 0) throw new Error(`The local system runs no consumer of the group ${group}`)
    return parts
  }
  const change = async (command: "stop-part" | "start-part", group: string): Promise<ConsumerState> => {
    for (const { part } of await partsOf(group)) await askSupervisor(folder, { command, part })
    return stateOf(group)
  }
  const stateOf = async (group: string) => {
    const states = (await partsOf(group)).map(({ state }) => state)
    return (["stopping", "starting", "running"] as const).find((state) => states.includes(state)) ?? "stopped"
  }
  return { stateOf, stop: (group) => change("stop-part", group), start: (group) => change("start-part", group) }
}

/** The processes of a group are `analytics`, `analytics-2`, ... */
const isOfGroup = (part: string, group: string): boolean =>
  part === group || (part.startsWith(`${group}-`) && /^\d+$/.test(part.slice(group.length + 1)))
