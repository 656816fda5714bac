import type { Part } from "../services/part.ts"
import { removeRecord, writeRecord } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"
import type { PartState } from "./control-messages.ts"
import type { Supervised } from "./supervise.ts"

export interface OperatedPartsDeps {
  readonly folder: StateFolder
  readonly say: (line: string) => void
  /** Starts a part and supervises it. Rejects when it cannot start. */
  readonly begin: (part: Part) => Promise<void>
  /** The parts under supervision, by name. */
  readonly supervised: ReadonlyMap<string, Supervised>
}

/**
 * The parts that an operator may stop and start while the system runs. A stopped part stays stopped, and `npm run status` shows
 * it, until an operator starts it or the system starts again.
 */
export function createOperatedParts(described: readonly Part[], { folder, say, begin, supervised }: OperatedPartsDeps) {
  const parts = [...described]
  const states = new Map<string, PartState>(parts.map(({ name }) => [name, "running"]))

  /** Parts that an operator wants again while they still stop. */
  const wantedAgain = new Map<string, number | undefined>()

  let isOver = false

  function noteStopped({ name, port, stopSignal }: Part): void {
    if (isOver) return
    const about = { part: name, pid: 0, identity: "", port, startedAtMs: Date.now(), restarts: 0, stopSignal }
    writeRecord(folder, { ...about, state: "stopped" })
    states.set(name, "stopped")
  }

  async function stopPart(part: Part): Promise<void> {
    await supervised.get(part.name)?.stop()
    noteStopped(part)
    if (wantedAgain.has(part.name)) {
      const delayMs = wantedAgain.get(part.name)
      wantedAgain.delete(part.name)
      states.set(part.name, "starting")
      await startPart(part, delayMs)
    } else say(`an operator has stopped ${part.name}; npm run ops -- consumers start <group> starts it again`)
  }

  async function startPart(part: Part, delayMs: number | undefined): Promise<void> {
    try {
      await begin(delayMs === undefined ? part : slowed(part, delayMs))
      states.set(part.name, "running")
    } catch (error) {
      noteStopped(part)
      say(`${part.name} cannot start: ${(error as Error).message}`)
    }
  }

  return {
    states: () => [...states].map(([part, state]) => ({ part, state })),
    /** Begins to stop a part. @returns false when there is no such part */
    stop(name: string): boolean {
      const part = parts.find((candidate) => candidate.name === name)
      if (part === undefined) return false
      if (states.get(name) === "running") {
        states.set(name, "stopping")
        void stopPart(part)
      }
      return true
    },
    /**
     * Begins to start a part, at once or when it has stopped.
     * @param delayMs waited before each delivery @returns false when there is no such part
     */
    start(name: string, delayMs?: number): boolean {
      const part = parts.find((candidate) => candidate.name === name)
      if (part === undefined) return false
      if (states.get(name) === "stopped") {
        states.set(name, "starting")
        void startPart(part, delayMs)
      } else if (states.get(name) === "stopping") wantedAgain.set(name, delayMs)
      return true
    },
    /** From now on a part starts in another way. @returns false when an operator has stopped it: it stays so */
    change(part: Part): boolean {
      const index = parts.findIndex(({ name }) => name === part.name)
      if (index >= 0) parts[index] = part
      return states.get(part.name) !== "stopped"
    },
    /** Removes the records of stopped parts, at the end of the system. */
    forget(): void {
      isOver = true
      for (const [name, state] of states) if (state === "stopped") removeRecord(folder, name)
    },
  }
}

export type OperatedParts = ReturnType<typeof createOperatedParts>

function slowed(part: Part, delayMs: number): Part {
  const delayed = (command: Part["command"]) => ({ ...command, env: { ...command.env, DELIVERY_DELAY_MS: String(delayMs) } })
  const { restartCommand } = part
  return { ...part, command: delayed(part.command), ...(restartCommand && { restartCommand: delayed(restartCommand) }) }
}
