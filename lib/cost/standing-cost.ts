import { consumerGroups, groupNames } from "../../core/contracts/consumer-groups.ts"
import { endpointsOf } from "../capacity/endpoints.ts"
import { lambdaLimits } from "../capacity/limits.ts"
import { functionNames, type StageConfig } from "../config.ts"
import { managedVcpus } from "./background-cost.ts"
import type { CostLine } from "./cost-line.ts"
import { brokerHour, cacheHour, databaseHour, natInstanceHour, priceOf, prices } from "./prices.ts"
import { factorOf } from "./request-cost.ts"

const secondsPerHour = 3_600
const hoursPerMonth = 730
const million = 1_000_000
/** The state of a partition with a few busy SKUs, in units of a kilobyte written. */
const stateUnits = 8
const natDiskGiB = 8

/** Environments that are warm for a sale: provisioned concurrency, and the managed instances of reserve. */
export function warmLines(config: StageConfig, hours: number): readonly CostLine[] {
  const factor = factorOf(config)
  const gigabytes = warmGigabytes(config)
  const { reserve } = config
  const vcpus = reserve.kind === "managed-instances" ? managedVcpus(config, reserve, reserve.minimumEnvironments) : 0
  // Counts of a write a second for each hot SKU.
  const counts = (config.capacity.hotSkus * secondsPerHour * stateUnits * prices.tableWrites.usd) / million
  return [
    {
      component: "Lambda kept warm",
      usd: gigabytes * hours * secondsPerHour * prices.lambdaProvisionedGbSeconds.usd * factor,
      basis: `${gigabytes.toFixed(0)} GB for ${hours.toFixed(2)} h`,
    },
    {
      component: "Managed instances",
      usd: vcpus * hours * prices.managedVcpu.usd * factor,
      basis: vcpus === 0 ? "none" : `${vcpus} vCPUs for ${hours.toFixed(2)} h`,
    },
    { component: "Analytics", usd: counts * hours * factor, basis: "a write a second for each hot SKU" },
  ]
}

/** Memory of provisioned concurrency, in GB. */
const warmGigabytes = ({ functions }: StageConfig): number =>
  functionNames.reduce((gigabytes, name) => {
    const { provisionedConcurrency = 0, memoryMb } = functions[name]
    return gigabytes + (provisionedConcurrency * memoryMb) / 1_024
  }, 0)

/**
 * Event poller units: ten pollers each. A mapping has units of its own, or shares those of its group
 * (lib/constructs/event-source.ts). Source: docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html, "Enhanced EPU
 * Utilization".
 */
export function pollerUnits({ eventDelivery, eventSources }: StageConfig): number {
  if (eventDelivery === "on-demand") return 0
  const units = (pollers: number) => Math.ceil(pollers / lambdaLimits.pollersPerUnit)
  const alone = groupNames().filter((group) => consumerGroups[group].isWaitedFor)
  const together = groupNames().filter((group) => !consumerGroups[group].isWaitedFor)
  const shared = together.reduce((pollers, group) => pollers + eventSources[group].pollers.maximum, 0)
  return alone.reduce((sum, group) => sum + units(eventSources[group].pollers.maximum), units(shared))
}

/** The ways from the network to the services of AWS and to the payment provider. */
function networkLine({ network, availabilityZones, ...config }: StageConfig, hours: number): Omit<CostLine, "component"> {
  const { natInstance, natGateways } = network
  if (natInstance !== undefined) {
    const disk = (natDiskGiB * prices.instanceDisk.usd) / hoursPerMonth
    return {
      usd: (priceOf(natInstanceHour, natInstance) + prices.publicAddress.usd + disk) * hours,
      basis: `a ${natInstance} in place of NAT gateways and endpoints`,
    }
  }
  const endpoints = endpointsOf({ ...config, network }).length * availabilityZones.length
  return {
    usd: (natGateways * (prices.publicNat.usd + prices.publicAddress.usd) + endpoints * prices.endpoint.usd) * hours,
    basis: `${natGateways} NAT, ${endpoints} endpoints`,
  }
}

/** Instances of the database by size: the primary with its standby, and the copies for analysts. */
function databaseCost({ database }: StageConfig, hours: number): Omit<CostLine, "component"> {
  const { instanceType, analyticsInstanceType = instanceType, analyticsReplicas, allocatedGiB } = database
  const instances = database.multiAz ? 2 : 1
  const copies = instances + analyticsReplicas
  return {
    usd:
      hours *
      (instances * priceOf(databaseHour, instanceType) +
        analyticsReplicas * priceOf(databaseHour, analyticsInstanceType) +
        (copies * allocatedGiB * prices.databaseStorage.usd) / hoursPerMonth),
    basis: `${instances} ${instanceType}${analyticsReplicas > 0 ? `, ${analyticsReplicas} ${analyticsInstanceType}` : ""}`,
  }
}

/** What costs by the hour, at any traffic: the parts that hold data, and what is around them. */
export function fixedLines(config: StageConfig, hours: number): readonly CostLine[] {
  const { kafka, cache, availabilityZones, edge } = config
  const factor = factorOf(config)
  const months = hours / hoursPerMonth
  const brokers = kafka.brokersPerZone * availabilityZones.length
  const nodes = 1 + cache.replicas
  const units = pollerUnits(config)
  const brokerStorage = brokers * (kafka.storageGiBPerBroker ?? 0) * months * prices.kafkaStorage.usd
  const line = (component: string, { usd, basis }: Omit<CostLine, "component">): CostLine => ({
    component,
    usd: usd * factor,
    basis: `${basis} for ${hours.toFixed(2)} h`,
  })
  return [
    line("Kafka brokers", {
      usd: brokers * hours * priceOf(brokerHour, kafka.instanceType) + brokerStorage,
      basis: `${brokers} ${kafka.instanceType}`,
    }),
    line("PostgreSQL", databaseCost(config, hours)),
    line("Redis (Valkey)", { usd: nodes * hours * priceOf(cacheHour, cache.nodeType), basis: `${nodes} ${cache.nodeType}` }),
    line("Event pollers", { usd: units * hours * prices.lambdaPollers.usd, basis: `${units} units` }),
    line("Network", networkLine(config, hours)),
    {
      component: "Shield Advanced",
      usd: edge.shieldAdvanced ? months * prices.shieldAdvanced.usd : 0,
      basis: edge.shieldAdvanced ? "its share of a month" : "off",
    },
  ]
}
