import { setTimeout as delay } from "node:timers/promises"
import { launch } from "../services/launch.ts"
import type { Part } from "../services/part.ts"
import { signal, writeRecord } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"

/** The pause before a part is restarted doubles each time. It is short again after the part has run for `steadyMs`. */
const firstBackoffMs = 200
const maxBackoffMs = 5_000
const steadyMs = 30_000

/** A part that is restarted each time it ends, until it is stopped. */
export interface Supervised {
  readonly part: Part
  /** Resolves when the part serves for the first time. @throws Error when its first start fails: a retry would not help */
  readonly ready: Promise<void>
  /** Ends the part in order and does not restart it. It may be called while the part starts. */
  stop(): Promise<void>
  /** Sends SIGKILL at once; resolves when the part has ended. */
  kill(): Promise<void>
}

/** Starts a part and keeps it running. Every end and every restart is printed with `say`. */
export function supervise(part: Part, folder: StateFolder, say: (line: string) => void): Supervised {
  const stopping = new AbortController()
  let running = launch(part, folder)
  const ready = running.ready()
  const keeping = ready.then(keepRunning, () => {})

  async function keepRunning(): Promise<void> {
    let backoffMs = firstBackoffMs
    for (let restarts = 1; ; restarts++) {
      const startedAtMs = Date.now()
      const how = await running.ended
      if (stopping.signal.aborted) return
      if (Date.now() - startedAtMs > steadyMs) backoffMs = firstBackoffMs
      say(`${part.name} ended (${how}); it restarts in ${backoffMs} ms`)
      noteRestarting(restarts)
      await delay(backoffMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      backoffMs = Math.min(backoffMs * 2, maxBackoffMs)
      running = launch(part, folder, restarts)
      await running.ready().then(
        () => say(`${part.name} is ready again`),
        () => running.stop(),
      )
    }
  }

  function noteRestarting(restarts: number): void {
    const { name, port, stopSignal } = part
    writeRecord(folder, {
      ...{ part: name, pid: 0, identity: "", state: "restarting", port, startedAtMs: Date.now(), restarts, stopSignal },
    })
  }

  return {
    part,
    ready,
    async stop() {
      stopping.abort()
      await running.stop()
      await keeping
    },
    async kill() {
      stopping.abort()
      if (running.pid === 0) return
      signal(-running.pid, "SIGKILL")
      await running.ended
    },
  }
}
