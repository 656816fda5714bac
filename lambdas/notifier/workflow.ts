import { logger } from "../../core/adapters/telemetry.ts"
import { mapInParallel } from "../../core/concurrency/parallel.ts"
import { maxParallelNotices } from "../../core/contracts/notices.ts"
import type { PartitionEvents } from "../../core/workflows/streams/consume-events.ts"
import { type NotifierDeps, sendNotice } from "./send-notice.ts"

/** How long a delivery waits for the end of a pause, so that the event source does not repeat it all the time. */
const maxWaitMs = 5_000

/**
 * Sends the notices of a partition's events. After a failure no further notice of the delivery begins: they wait with the one
 * that failed, and none is lost.
 *
 * @param timeLeftMs a send that cannot end within it does not begin
 * @returns the offset from which the events must be delivered again
 */
export async function sendNotices(
  deps: NotifierDeps,
  { topic, partition, events }: PartitionEvents,
  timeLeftMs: () => number,
): Promise<number | undefined> {
  const first = events[0]
  if (first === undefined) return undefined
  let isFailing = false
  const generation = await deps.store.generation()
  await endOfPause(deps.pause.leftMs(), timeLeftMs())
  const handled = await mapInParallel(
    events,
    maxParallelNotices,
    async ({ offset, event }) => {
      try {
        if ((await sendNotice(deps, event, generation)) === "done") return undefined
      } catch (error) {
        logger.error("A notice could not be sent; its event is delivered again", {
          ...{ topic, partition, offset, eventId: event.event_id },
          error: error as Error,
        })
      }
      isFailing = true
      return offset
    },
    () => (isFailing ? 0 : timeLeftMs()),
  )
  const offsets = [...handled, events[handled.length]?.offset].filter((offset) => offset !== undefined)
  return offsets.length === 0 ? undefined : Math.min(...offsets)
}

async function endOfPause(pauseMs: number, leftMs: number): Promise<void> {
  const waitMs = Math.min(pauseMs, maxWaitMs, leftMs)
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
}
