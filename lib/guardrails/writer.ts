import { consumerGroups, groupNames } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import { partitionRecordsPerSecond } from "../capacity/demand.ts"
import { lambdaLimits, plannedUtilisation } from "../capacity/limits.ts"
import { plannedCycle, writerQueue } from "../capacity/writer-queue.ts"
import { type Guardrail, percent, plain, when } from "./finding.ts"

/** How full deliveries may be. Above it the queue grows for as long as the peak lasts, if the sale does not sell out at once. */
const plannedDelivery = 0.9

/** The writer of a partition decides one record after the other: rate x time must leave idle time to catch up. */
export const writerIsIdleEnough: Guardrail = (config) => {
  const recordsPerSecond = partitionRecordsPerSecond(config)
  const utilisation = (recordsPerSecond * plannedCycle.msPerRecord) / 1_000
  const most = (plannedUtilisation * 1_000) / plannedCycle.msPerRecord
  return when(utilisation >= plannedUtilisation, () => ({
    found: `${plain(recordsPerSecond)} requests/s on one partition at ${plannedCycle.msPerRecord} ms each keep its writer ${percent(utilisation)} busy.`,
    allowed: `less than ${percent(plannedUtilisation)}, which is ${plain(most)} requests/s on one partition.`,
    fix: "Lower `peakReservationsPerSecond`, or sell the stock as several lots (`hotSkus`).",
  }))
}

/** Every delivery has a fixed cost: it must carry enough records for the rate. */
export const deliveriesKeepUp: Guardrail = (config) => {
  const { batchSize } = config.eventSources["inventory-batch-writer"]
  const recordsPerSecond = partitionRecordsPerSecond(config)
  const { occupancy, mostRecordsPerSecond } = writerQueue(recordsPerSecond, { ...plannedCycle, batchRecords: batchSize })
  return when(occupancy > plannedDelivery, () => ({
    found: `Deliveries of ${plain(batchSize)} records every ${plain((batchSize / mostRecordsPerSecond) * 1_000)} ms carry ${plain(mostRecordsPerSecond)} requests/s of one partition; ${plain(recordsPerSecond)}/s arrive.`,
    allowed: `at most ${plain(mostRecordsPerSecond * plannedDelivery)} requests/s (${percent(plannedDelivery)}).`,
    fix: "Raise `eventSources.inventory-batch-writer.batchSize`, lower `peakReservationsPerSecond`, or sell the stock as several lots.",
  }))
}

/** A consumer has a reserved environment for every delivery that the pollers may make at once. */
export const consumersAreReserved: Guardrail = ({ functions, eventSources, eventDelivery }) =>
  groupNames().flatMap((group) => {
    const { lambda, topic } = consumerGroups[group]
    const { pollers, concurrency } = eventSources[group]
    const reserved = functions[lambda].reservedConcurrency ?? 0
    // On-demand mappings get as many pollers as the partitions need.
    const polled = eventDelivery === "provisioned" ? pollers.maximum * lambdaLimits.pollerConcurrency : Number.POSITIVE_INFINITY
    const atOnce = Math.min(topics[topic].partitions, polled, concurrency)
    return when(reserved < atOnce, () => ({
      found: `${lambda} has ${plain(reserved)} environments reserved for up to ${plain(atOnce)} deliveries at once.`,
      allowed: `at least ${plain(atOnce)}: a throttled consumer makes Lambda take pollers away.`,
      fix: `Raise \`functions["${lambda}"].reservedConcurrency\`.`,
    }))
  })
