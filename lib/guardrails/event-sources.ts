import { consumerGroup, type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import { eventsPerSecond, partitionRecordsPerSecond } from "../capacity/demand.ts"
import { base64Growth, envelopeBytesPerRecord, eventRecordBytes, lambdaLimits } from "../capacity/limits.ts"
import type { StageConfig } from "../config.ts"
import { type Finding, type Guardrail, megabytes, plain, when } from "./finding.ts"

const forEachGroup = (check: (config: StageConfig, group: GroupName) => readonly Finding[]): Guardrail => {
  return (config) => groupNames().flatMap((group) => check(config, group))
}
const topicOf = (group: GroupName) => topics[consumerGroup(group).topic]
/** Bytes of a record of the group's topic. */
const recordBytesOf = ({ capacity }: StageConfig, group: GroupName): number =>
  consumerGroup(group).topic === "reservationRequests" ? capacity.recordBytes : eventRecordBytes

/** Of groups for whose work nobody waits. */
const longestWindowSeconds = 1

/** A SKU has one partition, and one poller carries a partition. */
export const pollerCarriesPartition: Guardrail = (config) => {
  const { recordBytes } = config.capacity
  const recordsPerSecond = partitionRecordsPerSecond(config)
  const limit = lambdaLimits.pollerBytesPerSecond
  return when(recordsPerSecond * recordBytes > limit, () => ({
    found: `${plain(recordsPerSecond)} requests/s of ${plain(recordBytes)} bytes need ${megabytes(recordsPerSecond * recordBytes)} MB/s on one partition; one poller carries ${megabytes(limit)} MB/s.`,
    allowed: `records of at most ${plain(Math.floor(limit / recordsPerSecond))} bytes at this rate.`,
    fix: "Shorten the record, lower `peakReservationsPerSecond`, or sell the stock as several lots.",
  }))
}

/** Hot SKUs have partitions of their own: the pollers must carry the bytes and the deliveries of all of them. */
export const pollersCarryTopic: Guardrail = ({ capacity, eventSources }) => {
  const { minimum } = eventSources["inventory-batch-writer"].pollers
  const bytesPerSecond = capacity.peakReservationsPerSecond * capacity.recordBytes
  const needed = Math.max(
    Math.ceil(bytesPerSecond / lambdaLimits.pollerBytesPerSecond),
    Math.ceil(capacity.hotSkus / lambdaLimits.pollerConcurrency),
  )
  return when(minimum < needed, () => ({
    found: `${plain(minimum)} pollers feed the writer with ${megabytes(bytesPerSecond)} MB/s of ${plain(capacity.hotSkus)} hot SKUs.`,
    allowed: `at least ${plain(needed)} pollers: each carries ${megabytes(lambdaLimits.pollerBytesPerSecond)} MB/s and ${lambdaLimits.pollerConcurrency} deliveries at once.`,
    fix: "Raise `eventSources.inventory-batch-writer.pollers`.",
  }))
}

/** Every group of the events reads all of them, with pollers of its own. */
export const pollersCarryEvents = forEachGroup((config, group) => {
  if (consumerGroup(group).topic !== "reservationEvents") return []
  const { minimum } = config.eventSources[group].pollers
  const bytesPerSecond = eventsPerSecond(config) * eventRecordBytes
  const needed = Math.ceil(bytesPerSecond / lambdaLimits.pollerBytesPerSecond)
  return when(minimum < needed, () => ({
    found: `${plain(minimum)} pollers feed ${group} with ${megabytes(bytesPerSecond)} MB/s of events.`,
    allowed: `at least ${plain(needed)} pollers: each carries ${megabytes(lambdaLimits.pollerBytesPerSecond)} MB/s.`,
    fix: `Raise \`eventSources.${group}.pollers\`.`,
  }))
})

/** Pollers do not scale up in time for a sale, and more pollers than partitions have no work. */
export const pollersAreFixed = forEachGroup(({ eventSources }, group) => {
  const { minimum, maximum } = eventSources[group].pollers
  const { partitions } = topicOf(group)
  return when(minimum !== maximum || minimum < 1 || minimum > partitions, () => ({
    found: `${group} has ${minimum} to ${maximum} pollers for ${partitions} partitions.`,
    allowed: `a minimum equal to the maximum, from 1 to ${partitions}: Lambda does not add pollers in time for a spike.`,
    fix: `Set both numbers of \`eventSources.${group}.pollers\` to what the peak needs.`,
  }))
})

/** Two hot SKUs on one partition would wait for each other. */
export const partitionForEachHotSku: Guardrail = ({ capacity }) => {
  const { partitions, name } = topics.reservationRequests
  return when(capacity.hotSkus < 1 || capacity.hotSkus > partitions, () => ({
    found: `${plain(capacity.hotSkus)} hot SKUs share the ${partitions} partitions of ${name}.`,
    allowed: `from 1 to ${partitions} hot SKUs, each on a partition of its own.`,
    fix: "Lower `capacity.hotSkus`, or add partitions in core/contracts/topics.ts (each SKU stores its partition, so existing SKUs stay where they are).",
  }))
}

/** Half a second of batching is four times the service level. Where nobody waits, a second saves most invocations. */
export const noBatchingWindow = forEachGroup(({ eventSources }, group) => {
  const seconds = eventSources[group].maximumBatchingWindowSeconds
  const most = consumerGroup(group).isWaitedFor ? 0 : longestWindowSeconds
  return when(seconds < 0 || seconds > most, () => ({
    found: `Lambda collects records for ${group} for ${plain(seconds)} s before a delivery.`,
    allowed:
      most === 0
        ? "0 s: every shopper waits for the window, and the service level is 120 ms."
        : `at most ${most} s: the local run collects no longer, because a fetch from a broker ends after 2 s.`,
    fix: `Set \`eventSources.${group}.maximumBatchingWindowSeconds\` to ${most}.`,
  }))
})

/** An accepted request is never dropped, and an event is never left out, even in a long outage. */
export const retriedWithoutEnd = forEachGroup(({ eventSources }, group) => {
  const { retryAttempts, onFailureTopic } = eventSources[group]
  return when(retryAttempts !== -1 || onFailureTopic !== undefined, () => ({
    found: `${group} is retried ${retryAttempts === -1 ? "without end" : `${plain(retryAttempts)} times`} ${onFailureTopic === undefined ? "without a destination" : `with the destination "${onFailureTopic}"`}.`,
    allowed:
      "-1 (without end) and no destination: with a destination Lambda stops after ten attempts, and an outage would drop accepted requests.",
    fix: `Set \`retryAttempts\` to -1 and remove \`onFailureTopic\` from \`eventSources.${group}\`; poison records go to the quarantine table, and poison events to the dead-letter topic.`,
  }))
})

/** A delivery must fit into the payload of an invocation. */
export const deliveryFits = forEachGroup((config, group) => {
  const { batchSize } = config.eventSources[group]
  const recordBytes = recordBytesOf(config, group)
  const bytesPerRecord = recordBytes * base64Growth + envelopeBytesPerRecord
  const most = Math.min(lambdaLimits.kafkaBatchRecords, Math.floor(lambdaLimits.payloadBytes / bytesPerRecord))
  return when(batchSize < 1 || batchSize > most, () => ({
    found: `A delivery of ${topicOf(group).name} to ${group} has up to ${plain(batchSize)} records of ${plain(recordBytes)} bytes.`,
    allowed: `from 1 to ${plain(most)} records: ${plain(bytesPerRecord)} bytes each in Lambda's envelope, 6 MiB an invocation.`,
    fix: `Lower \`eventSources.${group}.batchSize\`, or shorten the record.`,
  }))
})
