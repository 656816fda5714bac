import type { GroupOffset, GroupOffsets } from "../../core/adapters/kafka/group-offsets.ts"
import { flushMetrics, logger, recordBy } from "../../core/adapters/telemetry.ts"
import { type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import { createStandstill } from "./standstill.ts"

/**
 * Makes the measurement of the consumer groups of the events: how many records a group has not processed, in the partition with
 * the most, and how long a partition with such records has not moved. A group whose offsets cannot be read does not hide the
 * others.
 *
 * @param nowMs milliseconds of a clock that never goes back
 * @returns measures all groups; it remembers where they were the last time
 */
export function createObserveGroups(
  offsets: GroupOffsets,
  topic: string,
  nowMs: () => number = () => performance.now(),
): () => Promise<void> {
  const standstill = createStandstill(nowMs)
  const stalledMs = (group: GroupName, offset: GroupOffset) => standstill(`${group} ${offset.partition}`, offset)

  return async () => {
    for (const group of groupNames("reservationEvents")) {
      try {
        const partitions = await offsets(group, topic)
        recordBy("consumer.lag", { group }, Math.max(0, ...partitions.map(({ next, end }) => end - next)))
        recordBy("consumer.stalled", { group }, Math.max(0, ...partitions.map((each) => stalledMs(group, each))))
      } catch (error) {
        logger.error("The offsets of a consumer group could not be read", { group, error: error as Error })
      }
    }
    flushMetrics()
  }
}
