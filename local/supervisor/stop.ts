import { setTimeout as delay } from "node:timers/promises"
import { endLeftovers } from "../services/leftovers.ts"
import { isAlive, signal } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { runningSupervisor } from "./claim.ts"
import { Refusal } from "./say.ts"

const pollMs = 50
/** All parts one after the other, each in its own time at worst. */
const stopTimeoutMs = 120_000

/**
 * Stops the system of this folder, whoever started it, and ends what a killed supervisor left.
 * @returns what there was to stop.
 * @throws Refusal when it has not stopped in two minutes
 */
export async function stopSystem(folder: StateFolder): Promise<"system" | "leftovers" | "nothing"> {
  const supervisor = runningSupervisor(folder)
  if (supervisor) {
    signal(supervisor.pid, "SIGTERM")
    const deadlineMs = Date.now() + stopTimeoutMs
    while (isAlive(supervisor)) {
      if (Date.now() > deadlineMs) throw new Refusal(`Process ${supervisor.pid} has not stopped; see ${folder.path("logs")}`)
      await delay(pollMs)
    }
  }
  const left = await endLeftovers(folder)
  return supervisor ? "system" : left.length > 0 ? "leftovers" : "nothing"
}
