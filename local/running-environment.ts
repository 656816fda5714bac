import { systemEnvironment } from "./environment.ts"
import { StateFolder } from "./services/state-folder.ts"
import { runningSupervisor } from "./supervisor/claim.ts"

/**
 * Imported before a command of ours (`node --import`): gives it the environment of the local system, if that runs.
 * What is set already wins, so that the same command reaches a deployed stage.
 */
const folder = new StateFolder()
const supervisor = runningSupervisor(folder)
if (supervisor) process.env = { ...systemEnvironment(folder, supervisor.port), ...process.env }
