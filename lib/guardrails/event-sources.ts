import { topics } from "../../core/contracts/topics.ts"
import { partitionRecordsPerSecond } from "../capacity/demand.ts"
import { base64Growth, envelopeBytesPerRecord, lambdaLimits } from "../capacity/limits.ts"
import type { StageConfig, TopicKey } from "../config.ts"
import { type Finding, type Guardrail, megabytes, plain, when } from "./finding.ts"

const forEachTopic = (check: (config: StageConfig, topic: TopicKey) => readonly Finding[]): Guardrail => {
  return (config) => (Object.keys(topics) as TopicKey[]).flatMap((topic) => check(config, topic))
}

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
  const { minimum } = eventSources.reservationRequests.pollers
  const bytesPerSecond = capacity.peakReservationsPerSecond * capacity.recordBytes
  const needed = Math.max(
    Math.ceil(bytesPerSecond / lambdaLimits.pollerBytesPerSecond),
    Math.ceil(capacity.hotSkus / lambdaLimits.pollerConcurrency),
  )
  return when(minimum < needed, () => ({
    found: `${plain(minimum)} pollers feed the writer with ${megabytes(bytesPerSecond)} MB/s of ${plain(capacity.hotSkus)} hot SKUs.`,
    allowed: `at least ${plain(needed)} pollers: each carries ${megabytes(lambdaLimits.pollerBytesPerSecond)} MB/s and ${lambdaLimits.pollerConcurrency} deliveries at once.`,
    fix: "Raise `eventSources.reservationRequests.pollers`.",
  }))
}

/** Pollers do not scale up in time for a sale, and more pollers than partitions have no work. */
export const pollersAreFixed = forEachTopic(({ eventSources }, topic) => {
  const { minimum, maximum } = eventSources[topic].pollers
  const { partitions } = topics[topic]
  return when(minimum !== maximum || minimum < 1 || minimum > partitions, () => ({
    found: `${topics[topic].name} has ${minimum} to ${maximum} pollers for ${partitions} partitions.`,
    allowed: `a minimum equal to the maximum, from 1 to ${partitions}: Lambda does not add pollers in time for a spike.`,
    fix: `Set both numbers of \`eventSources.${topic}.pollers\` to what the peak needs.`,
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

/** Half a second of batching is four times the service level. */
export const noBatchingWindow = forEachTopic(({ eventSources }, topic) => {
  const seconds = eventSources[topic].maximumBatchingWindowSeconds
  return when(seconds !== 0, () => ({
    found: `Lambda collects records of ${topics[topic].name} for ${plain(seconds)} s before a delivery.`,
    allowed: "0 s: every shopper waits for the window, and the service level is 120 ms.",
    fix: `Set \`eventSources.${topic}.maximumBatchingWindowSeconds\` to 0.`,
  }))
})

/** An accepted request is never dropped, even in a long outage. */
export const retriedWithoutEnd = forEachTopic(({ eventSources }, topic) => {
  const { retryAttempts, onFailureTopic } = eventSources[topic]
  return when(retryAttempts !== -1 || onFailureTopic !== undefined, () => ({
    found: `${topics[topic].name} is retried ${retryAttempts === -1 ? "without end" : `${plain(retryAttempts)} times`} ${onFailureTopic === undefined ? "without a destination" : `with the destination "${onFailureTopic}"`}.`,
    allowed:
      "-1 (without end) and no destination: with a destination Lambda stops after ten attempts, and an outage would drop accepted requests.",
    fix: `Set \`retryAttempts\` to -1 and remove \`onFailureTopic\` from \`eventSources.${topic}\`; poison records go to the quarantine table.`,
  }))
})

/** A delivery must fit into the payload of an invocation. */
export const deliveryFits = forEachTopic(({ eventSources, capacity }, topic) => {
  const { batchSize } = eventSources[topic]
  const bytesPerRecord = capacity.recordBytes * base64Growth + envelopeBytesPerRecord
  const most = Math.min(lambdaLimits.kafkaBatchRecords, Math.floor(lambdaLimits.payloadBytes / bytesPerRecord))
  return when(batchSize < 1 || batchSize > most, () => ({
    found: `A delivery of ${topics[topic].name} has up to ${plain(batchSize)} records of ${plain(capacity.recordBytes)} bytes.`,
    allowed: `from 1 to ${plain(most)} records: ${plain(bytesPerRecord)} bytes each in Lambda's envelope, 6 MiB an invocation.`,
    fix: `Lower \`eventSources.${topic}.batchSize\`, or shorten the record.`,
  }))
})
