import { randomUUID } from "node:crypto"
import { StateFolder } from "../local/services/state-folder.ts"
import type { Transport } from "./client.ts"

/** Standard output carries the answer only. Errors are still logged, on standard error. */
const quiet = { POWERTOOLS_LOG_LEVEL: "ERROR", POWERTOOLS_METRICS_DISABLED: "true" }

/**
 * Carries commands out in this process, with the code of the function, on the system that the environment names.
 * @throws Error when the environment names no system
 */
export async function localTransport(): Promise<Transport> {
  if (process.env.DATABASE_URL === undefined) {
    throw new Error("No system is running here. Start one (npm start), or name a deployed stage (--stage).")
  }
  Object.assign(process.env, quiet)
  const { answer } = await import("../lambdas/ops/answer.ts")
  const { createOpsRuntime } = await import("../lambdas/ops/runtime.ts")
  const { localConsumers } = await import("../local/supervisor/control-client.ts")
  const runtime = createOpsRuntime(() => localConsumers(new StateFolder(process.env.LOCAL_STATE_DIR)))
  const { signal } = new AbortController()
  const transport: Transport = (request) =>
    answer(runtime, request, {
      requestId: randomUUID(),
      signal,
      progress: (stage, read) => process.stderr.write(`${stage}: ${amountsOf(read)} read\n`),
    })
  return Object.assign(transport, { close: () => runtime.close() })
}

/** What each amount of a progress counts, in words. */
const amountNames: Readonly<Record<string, string>> = { entries: "ledger entries" }

const amountsOf = (read: Readonly<Record<string, number>>): string =>
  Object.entries(read)
    .map(([name, amount]) => `${amount} ${amountNames[name] ?? name}`)
    .join(", ")
