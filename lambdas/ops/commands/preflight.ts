import type { preflightCommands } from "../../../core/contracts/operations/preflight.ts"
import { preflight } from "../../../core/workflows/preflight/preflight.ts"
import type { Handlers } from "./handlers.ts"

/** The checklist before a sale, as far as it can be seen from inside the network. */
export const preflightHandlers: Handlers<keyof typeof preflightCommands> = {
  preflight: async (parts, { sales }) => ({ lines: await preflight(await parts.preflight(), sales) }),
  clock: async () => ({ now_ms: Date.now() }),
}
