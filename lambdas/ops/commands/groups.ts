import type { groupCommands } from "../../../core/contracts/operations/groups.ts"
import { figuresOf } from "../../../core/workflows/streams/analytics-figures.ts"
import { beginGeneration } from "../generations.ts"
import type { Handlers } from "./handlers.ts"

/** Consumer groups: how far they are, and what lets them read again. */
export const groupHandlers: Handlers<keyof typeof groupCommands> = {
  groups: async (parts, { group }) => (await parts.groups()).show(group),
  "replay-plan": async (parts, request) => (await parts.groups()).plan(request),
  "consumers-stop": async (parts, { group, force }) => (await parts.groups()).stop(group, force),
  "consumers-start": async (parts, { group }) => (await parts.groups()).start(group),
  "offsets-set": async (parts, request) => (await parts.groups()).setOffsets(request),
  "analytics-figures": async (parts, { generation }) => figuresOf(await parts.analytics(), generation),
  "generation-begin": (parts, { group }) => beginGeneration(parts, group),
}
