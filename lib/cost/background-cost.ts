import { topics } from "../../core/contracts/topics.ts"
import { idleEnvironments } from "../capacity/warm-targets.ts"
import type { FunctionName, ManagedInstancesConfig, StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { prices } from "./prices.ts"
import { factorOf } from "./request-cost.ts"

const secondsPerHour = 3_600
const million = 1_000_000
/** The state of a partition with a few busy SKUs, in units of a kilobyte written; a read unit is four. */
const stateUnits = 8
const reportsPerHour = 360

/** Flows of the network, brokers, database and functions, while nobody comes; an estimate until a stage has run. */
const idleLogGbPerDay = 0.1

/** An hour of a function that runs without a pause, so many times at once. */
const withoutPause = ({ functions }: StageConfig, name: FunctionName, atOnce: number): number =>
  atOnce * (functions[name].memoryMb / 1_024) * secondsPerHour * prices.lambdaGbSeconds.usd

/** vCPUs under so many environments of reserve. Where types are not restricted, Lambda starts instances of the size that fits. */
export const managedVcpus = (config: StageConfig, reserve: ManagedInstancesConfig, environments: number): number =>
  environments * (config.functions.reserve.memoryMb / 1_024 / reserve.memoryGiBPerVcpu)

/** What runs between sales as well as in them. */
export function backgroundLines(config: StageConfig, hours: number): readonly CostLine[] {
  const factor = factorOf(config)
  const { expiry, reserve } = config
  const sweepers = expiry.invocationSeconds / expiry.scheduleSeconds
  const reads = reportsPerHour * topics.reservationEvents.partitions * (stateUnits / 4)
  const report = withoutPause(config, "analytics-report", 1) + (reads * prices.tableReads.usd) / million
  const vcpus = reserve.kind === "managed-instances" ? managedVcpus(config, reserve, idleEnvironments) : 0
  const line = (component: string, usdPerHour: number, basis: string): CostLine => ({
    component,
    usd: usdPerHour * hours * factor,
    basis: `${basis} for ${hours.toFixed(2)} h`,
  })
  return [
    line("Sweeper", withoutPause(config, "expiry-sweeper", sweepers), `${sweepers} at once`),
    line("Report of the figures", report, "six a minute"),
    line("Logs", (idleLogGbPerDay / 24) * prices.logs.usd, `${idleLogGbPerDay} GB a day`),
    line(
      "Idle managed instances",
      vcpus * prices.managedVcpu.usd,
      vcpus === 0 ? "none" : `${vcpus} vCPUs under ${idleEnvironments} environments`,
    ),
  ]
}
