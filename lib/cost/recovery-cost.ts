import { endpointsOf } from "../capacity/endpoints.ts"
import type { StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { brokerHour, databaseHour, priceOf, prices, regionFactor } from "./prices.ts"

const hoursPerMonth = 730

/**
 * The second region: a replicated log, a Multi-AZ copy of the database, and a network. Records that are copied are not counted.
 */
export function recoveryLine(config: StageConfig, hours: number): CostLine {
  const { disasterRecovery: second, kafka, database } = config
  if (second === undefined) return { component: "Second region", usd: 0, basis: "none" }
  const zones = second.availabilityZones.length
  const brokers = zones * kafka.brokersPerZone
  const perHour =
    brokers * priceOf(brokerHour, kafka.instanceType) +
    2 * priceOf(databaseHour, database.instanceType) +
    prices.kafkaReplicator.usd +
    prices.publicNat.usd +
    prices.publicAddress.usd +
    endpointsOf(config).length * zones * prices.endpoint.usd
  const storage = (2 * database.allocatedGiB * prices.databaseStorage.usd * hours) / hoursPerMonth
  return {
    component: "Second region",
    usd: (perHour * hours + storage) * priceOf(regionFactor, second.region),
    basis: `${brokers} ${kafka.instanceType}, 2 ${database.instanceType}, a replicator for ${hours.toFixed(2)} h`,
  }
}
