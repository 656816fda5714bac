import { endLeftovers } from "../services/leftovers.ts"
import { isPortFree } from "../services/ports.ts"
import type { Brokers, StateFolder } from "../services/state-folder.ts"
import { bringUp } from "./bring-up.ts"
import { claim, release } from "./claim.ts"
import { Refusal, say } from "./say.ts"
import { stopSignals } from "./stop-signals.ts"
import type { ConsumerCounts, System } from "./system.ts"
import { wipe } from "./wipe.ts"

export interface RunOptions {
  readonly httpPort: number
  /** Default: as in the last run; one in the first run. */
  readonly brokers?: Brokers | undefined
  /** Default: one. */
  readonly gateways?: number | undefined
  /** Default: one process of each consumer group. */
  readonly consumers?: ConsumerCounts | undefined
  /** Clients may send the headers that only an edge sends. For load tests only. */
  readonly takesTestHeaders?: boolean
  /** Deletes the database, topics and Redis of earlier runs first. */
  readonly reset: boolean
}

/**
 * Runs the system until `whileUp` has ended or a stop is requested. It leaves no process behind.
 *
 * @returns the exit code that `whileUp` returned; 0 after a requested stop.
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
    const { httpPort, gateways = 1, consumers = {}, takesTestHeaders = false } = options
    const standing = bringUp(folder, { brokers, httpPort, gateways, consumers, takesTestHeaders })
    const stop = stopSignals(async () => {
      await standing.kill()
      release(folder)
    })
    try {
      const system = await Promise.race([standing.ready, stop.requested])
      return system === undefined ? 0 : await whileUp(system, stop.signal)
    } finally {
      say("the system stops")
      await standing.stop()
      say("the system has stopped; no process is left")
    }
  } finally {
    release(folder)
  }
}

/**
 * Ends the processes that an earlier run left, deletes its data if `reset` is set, and checks the port and the number of brokers.
 */
async function clearGround(folder: StateFolder, { httpPort, brokers, reset }: RunOptions): Promise<Brokers> {
  const ended = await endLeftovers(folder)
  if (ended.length > 0) say(`ended processes that an earlier run had left: ${ended.join(", ")}`)
  if (reset) {
    wipe(folder)
    say("reset: deleted database, topics, Redis, logs, ports and keys")
  }
  if (!(await isPortFree(httpPort))) {
    throw new Refusal(`Another program uses port ${httpPort}. Choose another port: npm start -- --port ${httpPort + 1}`)
  }
  const before = folder.read().brokers
  if (before !== undefined && brokers !== undefined && brokers !== before) {
    throw new Refusal(
      `The data in ${folder.dir} belongs to ${before} Kafka node${before === 1 ? "" : "s"}, and the number cannot change. Delete the data and start again: npm start -- --brokers ${brokers} --reset`,
    )
  }
  const chosen = brokers ?? before ?? 1
  folder.write({ brokers: chosen })
  return chosen
}
