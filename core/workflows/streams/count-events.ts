import type { AnalyticsStore, StoredPartition } from "../../adapters/analytics/store.ts"
import { count, logger, record } from "../../adapters/telemetry.ts"
import { type Applied, applyRecords, emptyState, type ReadRecords } from "../../domain/analytics/partition-state.ts"
import type { PartitionEvents } from "./consume-events.ts"
import { occurrenceOf } from "./sale-occurrence.ts"

export interface CountDeps {
  readonly store: AnalyticsStore
  /** Called before a state is stored and after: a test ends the process there. */
  readonly reached?: (point: "counted" | "stored") => Promise<void> | void
}

/** Another consumer of the partition stored its state this often during one delivery: the group changes its members. */
const maxTries = 5

/**
 * Counts the events of the partitions that this process is given. What is known of a partition stays in memory; each delivery
 * that changes it is one write, of figures and offset together, on condition that no other consumer wrote in between. So a
 * delivery that comes again, to this process or to another one, is counted once.
 *
 * @returns counts the events of one partition of a delivery. It throws the store's errors; then the delivery must come again, and
 * nothing of it is counted
 */
export function createEventCounter({ store, reached = () => {} }: CountDeps): (delivery: PartitionEvents) => Promise<undefined> {
  const known = new Map<number, StoredPartition>()

  /** A stored state that follows on is used from memory. Any other offset means that another consumer may have been here. */
  async function stateBefore({ partition, firstOffset }: PartitionEvents): Promise<StoredPartition> {
    const remembered = known.get(partition)
    if (remembered?.state.nextOffset === firstOffset) return remembered
    const stored = await store.read(partition)
    return stored ?? { partition, generation: await store.readGeneration(), revision: 0, state: emptyState() }
  }

  return async (delivery) => {
    const { partition } = delivery
    const records = recordsOf(delivery)
    for (let tries = 0; tries < maxTries; tries++) {
      const { state, ...before } = await stateBefore(delivery)
      // The state changes in place from here on. It is remembered again once it is stored.
      known.delete(partition)
      const applied = applyRecords(state, records)
      const after = { ...before, revision: before.revision + 1, state }
      await reached("counted")
      if (!applied.isChanged || (await store.write(after))) {
        await reached("stored")
        known.set(partition, applied.isChanged ? after : { ...before, state })
        report(delivery, applied)
        return
      }
      count("analytics.conflicts")
      logger.warn("Another consumer has stored figures of this partition; its state is read, and the delivery is counted again", {
        ...{ partition, offset: delivery.firstOffset },
      })
    }
    throw new Error(`Other consumers stored figures of partition ${partition} ${maxTries} times during one delivery`)
  }
}

const recordsOf = ({ firstOffset, nextOffset, events }: PartitionEvents): ReadRecords => ({
  ...{ firstOffset, nextOffset },
  events: events.map(({ offset, event }) => ({ ...occurrenceOf(event), offset })),
})

function report({ topic, partition, firstOffset, events }: PartitionEvents, applied: Applied): void {
  const where = { topic, partition, offset: firstOffset }
  if (applied.counted > 0) {
    count("analytics.counted", applied.counted)
    const last = events.at(-1)
    if (last !== undefined) record("analytics.delay", Math.max(0, Date.now() - Date.parse(last.event.occurred_at)))
  }
  if (applied.skipped > 0) {
    count("analytics.skipped", applied.skipped)
    logger.error("Records of the event topic were gone or passed over before they were counted; the figures lack them", {
      ...{ ...where, from: firstOffset - applied.skipped, entries: applied.skipped },
    })
  }
  if (applied.isRecreated) {
    count("analytics.recreated")
    logger.error("New events came at offsets that were counted before: the topic was recreated. The figures continue", where)
  }
}
