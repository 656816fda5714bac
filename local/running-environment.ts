import { systemEnvironment } from "./environment.ts"
import { StateFolder } from "./services/state-folder.ts"
import { runningSupervisor } from "./supervisor/claim.ts"

/**
 * Node imports this file before a command (`node --import`). It sets the environment of the local system if that runs. Variables
 * that are set already stay, so that the same command reaches a deployed stage.
 */
const folder = new StateFolder()
const supervisor = runningSupervisor(folder)
if (supervisor) process.env = { ...systemEnvironment(folder, supervisor.port), ...process.env }
