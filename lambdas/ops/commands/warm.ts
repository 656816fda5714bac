import { setOperatorSettings } from "../../../core/adapters/postgres/operator-settings.ts"
import type { warmCommands } from "../../../core/contracts/operations/warm.ts"
import { askWarmer } from "../../../core/runtime/ask-warmer.ts"
import type { Handlers } from "./handlers.ts"

/** Warm environments on the wish of an operator: the warmer keeps them, beside those of the sales. */
export const warmHandlers: Handlers<keyof typeof warmCommands> = {
  warm: async (parts, { minutes, operator }) => {
    const untilMs = Date.now() + minutes * 60_000
    await setOperatorSettings(await parts.adminPool(), ["warm-until"], String(untilMs), operator)
    await askWarmer()
    return { until: new Date(untilMs).toISOString() }
  },
}
