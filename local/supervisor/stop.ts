import { setTimeout as delay } from "node:timers/promises"
import { endLeftovers } from "../services/leftovers.ts"
import { isAlive, signal } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { runningSupervisor } from "./claim.ts"
import { Refusal } from "./say.ts"

const pollMs = 50
/** In the worst case the parts stop one after the other, each within its own limit. */
const stopTimeoutMs = 120_000

/**
 * Stops the system of this folder, also when another process started it, and ends the processes that a killed supervisor left.
 * @returns what was running.
 * @throws Refusal when it has not stopped in two minutes
 */
export async function stopSystem(folder: StateFolder): Promise<"system" | "leftovers" | "nothing"> {
  const supervisor = runningSupervisor(folder)
  if (supervisor) {
    signal(supervisor.pid, "SIGTERM")
    const deadlineMs = Date.now() + stopTimeoutMs
    while (isAlive(supervisor)) {
      if (Date.now() > deadlineMs)
        throw new Refusal(
          `Process ${supervisor.pid} did not stop within ${stopTimeoutMs / 1_000} s. The logs in ${folder.path("logs")} show why.`,
        )
      await delay(pollMs)
    }
  }
  const left = await endLeftovers(folder)
  return supervisor ? "system" : left.length > 0 ? "leftovers" : "nothing"
}
