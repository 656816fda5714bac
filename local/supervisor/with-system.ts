import { endLeftovers } from "../services/leftovers.ts"
import { isPortFree } from "../services/ports.ts"
import type { Brokers, StateFolder } from "../services/state-folder.ts"
import { bringUp } from "./bring-up.ts"
import { claim, release } from "./claim.ts"
import { Refusal, say } from "./say.ts"
import { stopSignals } from "./stop-signals.ts"
import type { System } from "./system.ts"
import { wipe } from "./wipe.ts"

export interface RunOptions {
  readonly httpPort: number
  /** As many as before if not given, one at first. */
  readonly brokers?: Brokers | undefined
  /** One if not given. */
  readonly gateways?: number | undefined
  /** Clients may say what an edge would have said of them: for load tests. */
  readonly takesTestHeaders?: boolean
  /** Starts from nothing: database, topics and Redis together. */
  readonly reset: boolean
}

/**
 * Runs the system for as long as `whileUp` takes, or until this process is told to stop; leaves no process behind.
 *
 * @returns what `whileUp` returned, an exit code; 0 when told to stop.
 * @throws Refusal when the system runs already, a port is taken, or the options do not go with the state
 */
export async function withSystem(
  folder: StateFolder,
  options: RunOptions,
  whileUp: (system: System, stop: AbortSignal) => Promise<number>,
): Promise<number> {
  claim(folder, options.httpPort)
  try {
    const brokers = await clearGround(folder, options)
    const { httpPort, gateways = 1, takesTestHeaders = false } = options
    const standing = bringUp(folder, { brokers, httpPort, gateways, takesTestHeaders })
    const stop = stopSignals(async () => {
      await standing.kill()
      release(folder)
    })
    try {
      const system = await Promise.race([standing.ready, stop.requested])
      return system === undefined ? 0 : await whileUp(system, stop.signal)
    } finally {
      say("stopping")
      await standing.stop()
      say("stopped: nothing is left running")
    }
  } finally {
    release(folder)
  }
}

/** Ends what an earlier run left, wipes if that is wanted, and sees that the start has a chance. */
async function clearGround(folder: StateFolder, { httpPort, brokers, reset }: RunOptions): Promise<Brokers> {
  const ended = await endLeftovers(folder)
  if (ended.length > 0) say(`ended what an earlier run had left: ${ended.join(", ")}`)
  if (reset) {
    wipe(folder)
    say("reset: database, topics, Redis, logs, ports and keys are new")
  }
  if (!(await isPortFree(httpPort))) {
    throw new Refusal(`Port ${httpPort} is taken by another program. Choose one: npm start -- --port ${httpPort + 1}`)
  }
  const before = folder.read().brokers
  if (before !== undefined && brokers !== undefined && brokers !== before) {
    throw new Refusal(
      `The state in ${folder.dir} is of ${before} Kafka node${before === 1 ? "" : "s"}; a cluster cannot change its size here. Start anew: npm start -- --brokers ${brokers} --reset`,
    )
  }
  const chosen = brokers ?? before ?? 1
  folder.write({ brokers: chosen })
  return chosen
}
