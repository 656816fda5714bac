import type { OrderLog } from "../../core/adapters/kafka/order-log.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { PartitionEvents } from "../../core/workflows/streams/consume-events.ts"
import { orderRecordOf } from "./order-record.ts"

/** Time for one append; the rest of the invocation remains for the answer. */
const maxAppendMs = 10_000

/**
 * Appends the records that a warehouse gets of a partition's events. They are acknowledged before the events are committed: after
 * a crash in between they are appended again, with the same event ids.
 *
 * @returns the offset from which the events must be delivered again
 */
export async function forwardOrders(
  orders: Pick<OrderLog, "append">,
  { topic, partition, events }: PartitionEvents,
  timeLeftMs: () => number,
): Promise<number | undefined> {
  const found = events.flatMap(({ offset, event }) => {
    const record = orderRecordOf(event)
    return record === undefined ? [] : [{ offset, record }]
  })
  const first = found[0]
  if (first === undefined) return undefined
  try {
    await orders.append(
      found.map(({ record }) => record),
      Math.min(maxAppendMs, timeLeftMs()),
    )
    count("fulfilment.published", found.length)
    return undefined
  } catch (error) {
    logger.error("Orders for the warehouse were not acknowledged; their events are delivered again", {
      ...{ topic, partition, offset: first.offset },
      error: error as Error,
    })
    return first.offset
  }
}
