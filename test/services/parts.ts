import { launch, type RunningPart } from "../../local/services/launch.ts"
import { nodePart } from "../../local/services/node-part.ts"
import { signal } from "../../local/services/run-record.ts"
import { privateFolder } from "./private-folder.ts"

export interface StartedPart extends Pick<RunningPart, "pid" | "ended" | "printed" | "stop"> {
  /** Sends SIGKILL, SIGSTOP, SIGCONT, ... */
  signal(name: NodeJS.Signals): void
}

/**
 * Starts a source file of the repository as a separate process and waits until it reports that it is ready.
 *
 * @param entry from the root, `local/event-source/main.ts` for instance.
 * @param environment all of its variables: those of handlerEnvironment and what the part itself needs.
 */
export async function startPart(entry: string, environment: Readonly<Record<string, string>>): Promise<StartedPart> {
  const running = launch(nodePart({ name: "part", entry, port: 0, environment }), privateFolder())
  await running.ready()
  return { ...running, signal: (name) => signal(running.pid, name) }
}
