import { AsyncLocalStorage } from "node:async_hooks"
import { nameFunctions } from "../../core/adapters/telemetry.ts"

const inWork = new AsyncLocalStorage<string>()
nameFunctions(() => inWork.getStore())

/**
 * Calls a function of the system, under its name. On AWS each function has a process of its own. Here several share one, and
 * their log lines and metrics must have the same names as there.
 */
export const asFunction = <T>(name: string, call: () => T): T => inWork.run(name, call)
