import type { FunctionName, StageConfig } from "../config.ts"
import { databaseConnectionsEach } from "./demand.ts"
import { brokerLimits, databaseLoginsPerSecond } from "./limits.ts"
import { warmFolders } from "./warm-targets.ts"

/**
 * The share of a limit of new connections a second that starts use on average. Starts are spread at random, so that a second has
 * more or fewer of them. With a limit of 100/s, and four connections that a start makes at the same moment, a second has 50 on
 * average with a standard deviation of the root of 4 x 50, which is 14: the limit is more than three deviations away.
 */
const plannedConnectShare = 0.5

/**
 * Over what time starts that come together must be spread, so that their connections come at the planned share of a limit:
 * connections / (limit x share). When all of them fit into one planned second, they need not wait.
 *
 * @param connections of all starts together
 * @param limitPerSecond new connections a second; may be infinite
 * @returns milliseconds
 */
export function startSpreadMs(connections: number, limitPerSecond: number): number {
  const perSecond = limitPerSecond * plannedConnectShare
  return connections <= perSecond ? 0 : Math.ceil((1_000 * connections) / perSecond)
}

/** The warm-up of a process has two connections to PostgreSQL of its own, beside those of the function's pools. */
const warmUpLogins = 2
/**
 * Connections that a start of `reserve` may make to one broker: two for the producer of its warm-up, one that asks for the
 * leaders, and one for each partition with a hot SKU, if one broker leads them all.
 */
const brokerConnectionsOf = (hotSkus: number): number => 3 + hotSkus

/** Copies of a function's code that start together before a sale. */
export const startsOf = (config: StageConfig, folder: FunctionName): number =>
  folder === "reserve" && config.reserve.kind === "managed-instances"
    ? config.reserve.minimumEnvironments * config.reserve.workersPerEnvironment
    : (config.functions[folder].provisionedConcurrency ?? 0)

/**
 * Over what time the environments that are warmed together begin, in milliseconds. All functions of a stage are warmed at the
 * same moment, so that PostgreSQL sees the logins of all of them; only `reserve` connects to the brokers.
 */
export function warmStartSpreadMs(config: StageConfig): number {
  const { capacity, kafka } = config
  const logins = warmFolders(config).reduce(
    (total, folder) => total + startsOf(config, folder) * (databaseConnectionsEach(config, folder) + warmUpLogins),
    0,
  )
  const brokerLimit = kafka.auth === "iam" ? brokerLimits[kafka.instanceType]?.iamConnectionsPerSecond : undefined
  const atBroker = startsOf(config, "reserve") * brokerConnectionsOf(capacity.hotSkus)
  return Math.max(
    startSpreadMs(logins, databaseLoginsPerSecond),
    startSpreadMs(atBroker, brokerLimit ?? Number.POSITIVE_INFINITY),
  )
}
