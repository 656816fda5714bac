import type { z } from "zod"
import type { BegunGeneration } from "../../core/contracts/streams.ts"
import { CommandRefused } from "../../core/domain/errors.ts"
import { startGeneration } from "../../core/workflows/streams/analytics-generations.ts"
import { forgetNotices } from "../../core/workflows/streams/notices-again.ts"
import type { OpsParts } from "./runtime.ts"

/**
 * Begins the next generation of a group that does its work once in each generation: in the next one, events that are delivered
 * again count again. The group must have no members.
 *
 * @throws CommandRefused for a group without generations; the errors of the group's store
 */
export async function beginGeneration(parts: OpsParts, group: string): Promise<z.output<typeof BegunGeneration>> {
  switch (group) {
    case "analytics":
      return startGeneration(await parts.analytics())
    case "notifier":
      return forgetNotices(await parts.notices())
    default:
      throw new CommandRefused("replay-refused", { detail: `The group ${group} has no generations: its work may be done twice.` })
  }
}
