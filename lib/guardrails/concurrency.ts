import { routes } from "../../core/contracts/http/routes.ts"
import { callsUnderWay } from "../capacity/demand.ts"
import { servedAtOnce } from "../capacity/headroom.ts"
import { apiTimeoutSeconds, lambdaLimits, plannedOccupancy, reserveOnFunctionsPerSecond } from "../capacity/limits.ts"
import { warmStartSpreadMs } from "../capacity/start-spread.ts"
import { type FunctionName, functionNames, type StageConfig } from "../config.ts"
import { type Guardrail, percent, plain, when } from "./finding.ts"

const reservedOf = (config: StageConfig, name: FunctionName) => config.functions[name].reservedConcurrency ?? 0

/** A waiting request occupies an environment: rate x time must fit into the environments that a function may have. */
export const environmentsCarryPeak: Guardrail = (config) =>
  (["availability", "reserve", "reservation", "checkout"] as const).flatMap((name) => {
    const needed = callsUnderWay(config, name)
    const served = servedAtOnce(config, name)
    const managed = name === "reserve" && config.reserve.kind === "managed-instances"
    return when(needed > served * plannedOccupancy, () => ({
      found: `${name} has ${plain(needed)} requests in progress at the peak and serves ${plain(served)} at once.`,
      allowed: `at most ${percent(plannedOccupancy)} of what it serves; ${plain(Math.ceil(needed / plannedOccupancy))} is enough.`,
      fix: managed
        ? "Raise `reserve.minimumEnvironments`: Lambda adds no managed instances when requests arrive."
        : `Raise \`functions.${name}.reservedConcurrency\`, or lower the declared rate.`,
    }))
  })

/** Above this rate, one request an environment means thousands of producers that each send one record at a time. */
export const reserveSharesEnvironments: Guardrail = ({ capacity, reserve }) =>
  when(reserve.kind === "functions" && capacity.peakReservationsPerSecond > reserveOnFunctionsPerSecond, () => ({
    found: `${plain(capacity.peakReservationsPerSecond)} reservations/s run on functions that serve one request each.`,
    allowed: `${plain(reserveOnFunctionsPerSecond)}/s: beyond it connections and sends must be shared by many requests.`,
    fix: 'Set `reserve` to { kind: "managed-instances", … }, or lower `peakReservationsPerSecond`.',
  }))

/** Managed instances run before the opening, and the maximum is not below the minimum. */
export const managedInstancesAreReady: Guardrail = ({ reserve, availabilityZones }) => {
  if (reserve.kind === "functions") return []
  const { minimumEnvironments, maximumEnvironments } = reserve
  const zones = availabilityZones.length
  return when(minimumEnvironments < zones || maximumEnvironments < minimumEnvironments, () => ({
    found: `reserve runs in ${plain(minimumEnvironments)} to ${plain(maximumEnvironments)} environments.`,
    allowed: `at least ${zones}, one a zone, and a maximum that is not below the minimum.`,
    fix: "Set `reserve.minimumEnvironments` and `reserve.maximumEnvironments`.",
  }))
}

/**
 * Lambda starts the function once for each worker thread. More threads than processors multiply the connections and serve no
 * more requests; the memory of an environment decides how many processors it has.
 */
export const workersFitProcessors: Guardrail = ({ reserve, functions }) => {
  if (reserve.kind === "functions") return []
  const { workersPerEnvironment: workers, memoryGiBPerVcpu } = reserve
  const processors = functions.reserve.memoryMb / 1_024 / memoryGiBPerVcpu
  return when(!Number.isInteger(workers) || workers < 1 || workers > processors, () => ({
    found: `An environment of reserve starts ${plain(workers)} worker threads on ${plain(processors)} vCPUs.`,
    allowed: `a whole number from 1 to ${plain(Math.floor(processors))}: each thread has pools and producers of its own.`,
    fix: "Set `reserve.workersPerEnvironment`, or raise `functions.reserve.memoryMb`.",
  }))
}

/** Loading the code, the warm-up (at most 6 s, and its preparation) and the connections (at most 10 s) of an environment. */
const startSeconds = 30

/** Environments wait for each other before they connect, and Lambda ends an initialisation that takes too long. */
export const startsFitInitialisation: Guardrail = (config) => {
  const spreadSeconds = warmStartSpreadMs(config) / 1_000
  const most = lambdaLimits.initSeconds - startSeconds
  return when(spreadSeconds > most, () => ({
    found: `Environments that are warmed together need ${plain(spreadSeconds)} s so that they do not connect faster than brokers and PostgreSQL admit.`,
    allowed: `${plain(most)} s: Lambda gives an environment ${lambdaLimits.initSeconds} s to initialise, of which ${startSeconds} s are for its start.`,
    fix: "Lower `reserve.minimumEnvironments` or `functions.*.provisionedConcurrency`, or choose larger brokers.",
  }))
}

/** Reserved concurrency is taken out of the account's concurrency; Lambda requires that a part stays unreserved. */
export const accountCarriesFunctions: Guardrail = (config) => {
  const reserved = functionNames.reduce((total, name) => total + reservedOf(config, name), 0)
  const most = config.quotas.lambdaConcurrency - lambdaLimits.unreservedConcurrency
  return when(reserved > most, () => ({
    found: `The functions reserve ${plain(reserved)} environments of an account with ${plain(config.quotas.lambdaConcurrency)}.`,
    allowed: `${plain(most)}: Lambda keeps ${lambdaLimits.unreservedConcurrency} unreserved.`,
    fix: "Lower `reservedConcurrency`, or have the quota raised (docs/DEPLOY.md) and then raise `quotas.lambdaConcurrency`.",
  }))
}

/** A function without reserved concurrency could use the environments of the others, and open connections without bound. */
export const functionsAreBounded: Guardrail = (config) =>
  functionNames.flatMap((name) => {
    const managed = name === "reserve" && config.reserve.kind === "managed-instances"
    const { reservedConcurrency, provisionedConcurrency = 0 } = config.functions[name]
    const broken = managed
      ? reservedConcurrency !== undefined || provisionedConcurrency > 0
      : reservedConcurrency === undefined || reservedConcurrency < 1 || provisionedConcurrency > reservedConcurrency
    return when(broken, () => ({
      found: `${name} reserves ${reservedConcurrency ?? "no"} and keeps ${provisionedConcurrency} environments warm.`,
      allowed: managed
        ? "neither: on managed instances `reserve.minimumEnvironments` and `maximumEnvironments` bound it."
        : "at least 1 reserved, and no more warm than reserved.",
      fix: `Set \`functions["${name}"].reservedConcurrency\` and \`provisionedConcurrency\`.`,
    }))
  })

const servesApi = (name: FunctionName) => routes.some(({ lambda }) => lambda === name)

/** A function must answer before API Gateway times out, and end before Lambda ends it. */
export const timeoutsFit: Guardrail = ({ functions }) =>
  functionNames.flatMap((name) => {
    const { timeoutSeconds } = functions[name]
    const most = servesApi(name) ? apiTimeoutSeconds - 1 : lambdaLimits.timeoutSeconds
    return when(timeoutSeconds < 1 || timeoutSeconds > most, () => ({
      found: `${name} may run for ${plain(timeoutSeconds)} s.`,
      allowed: `from 1 to ${most} s: ${servesApi(name) ? `API Gateway gives up after ${apiTimeoutSeconds} s` : "Lambda ends every invocation then"}.`,
      fix: `Lower \`functions["${name}"].timeoutSeconds\`.`,
    }))
  })
