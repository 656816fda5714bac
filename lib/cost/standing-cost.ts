import { topics } from "../../core/contracts/topics.ts"
import { functionNames, type StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { brokerHour, cacheHour, databaseHour, priceOf, prices } from "./prices.ts"
import { factorOf } from "./request-cost.ts"

const secondsPerHour = 3_600
const hoursPerMonth = 730
const gibibytesPerInstance = 32
/** Services that the network reaches by an endpoint in every zone (lib/constructs/network.ts). */
export const interfaceEndpoints = 8
/** Metrics of a stage, with their dimensions: groups, partitions, reasons, and five for each of a few SKUs in motion. */
const customMetrics = 300
/** Metrics that alarms read, every ten seconds or every minute; and alarms on alarms, which keep symptoms silent. */
const fastAlarmMetrics = 80
const alarmMetrics = 40
const compositeAlarms = 20
const alarmsUsd =
  fastAlarmMetrics * prices.fastAlarms.usd + alarmMetrics * prices.alarms.usd + compositeAlarms * prices.compositeAlarms.usd
const pollersPerUnit = 4
const million = 1_000_000
/** The state of a partition with a few busy SKUs, in units of a kilobyte written; a read unit is four. */
const stateUnits = 8
const reportsPerHour = 360

/** Environments that are warm for a sale: provisioned concurrency, and the managed instances of reserve. */
export function warmLines(config: StageConfig, hours: number): readonly CostLine[] {
  const factor = factorOf(config)
  const gigabytes = warmGigabytes(config)
  const instances = managedInstances(config)
  return [
    {
      component: "Lambda kept warm",
      usd: gigabytes * hours * secondsPerHour * prices.lambdaProvisionedGbSeconds.usd * factor,
      basis: `${gigabytes.toFixed(0)} GB for ${hours.toFixed(2)} h`,
    },
    {
      component: "Managed instances",
      usd: instances * hours * prices.managedInstance.usd * factor,
      basis: instances === 0 ? "none" : `${instances} instances for ${hours.toFixed(2)} h`,
    },
  ]
}

/** Memory of provisioned concurrency, in GB. */
const warmGigabytes = ({ functions }: StageConfig): number =>
  functionNames.reduce((gigabytes, name) => {
    const { provisionedConcurrency = 0, memoryMb } = functions[name]
    return gigabytes + (provisionedConcurrency * memoryMb) / 1_024
  }, 0)

/** Instances under the environments of reserve, at least one a zone. */
function managedInstances({ reserve, functions, availabilityZones }: StageConfig): number {
  if (reserve.kind === "functions") return 0
  const gibibytes = reserve.minimumEnvironments * (functions.reserve.memoryMb / 1_024)
  return Math.max(availabilityZones.length, Math.ceil(gibibytes / gibibytesPerInstance))
}

/** The figures of analytics in an hour of a sale: writes of states, and the function that reports without a pause. */
function analyticsUsd({ capacity, functions }: StageConfig): number {
  const writes = capacity.hotSkus * secondsPerHour * stateUnits
  const reads = reportsPerHour * topics.reservationEvents.partitions * (stateUnits / 4)
  const gigabytes = functions["analytics-report"].memoryMb / 1_024
  return (
    (writes * prices.tableWrites.usd + reads * prices.tableReads.usd) / million +
    gigabytes * secondsPerHour * prices.lambdaGbSeconds.usd
  )
}

/** What costs by the hour, at any traffic: the parts that hold data, and what is around them. */
export function fixedLines(config: StageConfig, hours: number): readonly CostLine[] {
  const { kafka, database, cache, network, availabilityZones, eventSources, edge } = config
  const factor = factorOf(config)
  const months = hours / hoursPerMonth
  const brokers = kafka.brokersPerZone * availabilityZones.length
  const instances = (database.multiAz ? 2 : 1) + database.analyticsReplicas
  const nodes = 1 + cache.replicas
  const pollerUnits = Object.values(eventSources).reduce(
    (units, { pollers }) => units + Math.ceil(pollers.maximum / pollersPerUnit),
    0,
  )
  const brokerStorage = brokers * (kafka.storageGiBPerBroker ?? 0) * months * prices.kafkaStorage.usd
  const line = (component: string, usd: number, basis: string): CostLine => ({
    component,
    usd,
    basis: `${basis} for ${hours.toFixed(2)} h`,
  })
  return [
    line(
      "Kafka brokers",
      (brokers * hours * priceOf(brokerHour, kafka.instanceType) + brokerStorage) * factor,
      `${brokers} ${kafka.instanceType}`,
    ),
    line(
      "PostgreSQL",
      (instances * hours * priceOf(databaseHour, database.instanceType) +
        database.allocatedGiB * months * prices.databaseStorage.usd) *
        factor,
      `${instances} ${database.instanceType}`,
    ),
    line("Redis (Valkey)", nodes * hours * priceOf(cacheHour, cache.nodeType) * factor, `${nodes} ${cache.nodeType}`),
    line("Event pollers", pollerUnits * hours * prices.lambdaPollers.usd * factor, `${pollerUnits} units`),
    line("Analytics", analyticsUsd(config) * hours * factor, "a write a second for each hot SKU, six reports a minute"),
    line(
      "Network",
      (network.natGateways * prices.publicNat.usd + interfaceEndpoints * availabilityZones.length * prices.endpoint.usd) *
        hours *
        factor,
      `${network.natGateways} NAT, ${interfaceEndpoints * availabilityZones.length} endpoints`,
    ),
    line(
      "Metrics, rules, keys",
      months * (customMetrics * prices.metrics.usd + alarmsUsd + prices.wafRules.usd + prices.keysAndSecrets.usd) * factor,
      `${customMetrics} metrics, ${fastAlarmMetrics + alarmMetrics} alarm metrics, ${compositeAlarms} composites`,
    ),
    line(
      "Shield Advanced",
      edge.shieldAdvanced ? months * prices.shieldAdvanced.usd : 0,
      edge.shieldAdvanced ? "its share of a month" : "off",
    ),
  ]
}
