import type { NoticeStore } from "../../adapters/notices/notice-store.ts"
import { logger } from "../../adapters/telemetry.ts"

/** The generations of notices before and after. */
export interface SentAgain {
  readonly previous: number
  readonly current: number
}

/**
 * Makes the notifier send notices again for events that are delivered again: it begins the next generation, in which no event has
 * a notice. Records of earlier generations stay. Without it, a replay sends nothing.
 *
 * Call it while the group `notifier` has no members: a notifier that runs would send in the new generation what it was about to
 * send in the old one.
 *
 * @throws the errors of the store
 */
export async function forgetNotices(store: Pick<NoticeStore, "generation" | "nextGeneration">): Promise<SentAgain> {
  const previous = await store.generation()
  const current = await store.nextGeneration()
  logger.info("A generation of notices begins; events that are delivered again are sent again", { generation: current })
  return { previous, current }
}
