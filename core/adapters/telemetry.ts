import { Logger } from "@aws-lambda-powertools/logger"
import { MetricResolution, Metrics, type MetricUnit } from "@aws-lambda-powertools/metrics"
import type { MetricName } from "../contracts/metrics.ts"
import { metricUnits } from "../contracts/metrics.ts"
import { LogLines } from "./log-lines.ts"
import { createWorkStats } from "./work-stats.ts"

let serviceName = "flash-sale"
let functionInWork: () => string | undefined = () => undefined
/** On AWS a process is one function. A local process may hold several; then it is the one whose call is in work. */
export const service = (): string => functionInWork() ?? serviceName

/** One JSON line per event; never a token, a card or the name of a user (log-lines.ts). */
export const logger = new Logger({ logFormatter: new LogLines(service) })

/** CloudWatch's limits (embedded metric format): values of one metric, and metrics, in one line. */
const maxValuesPerMetric = 100
/** Half of the shortest period of an alarm, so that each of its periods has values of every process that works. */
const flushIntervalMs = 5_000

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit]

const metricsByService = new Map<string, Metrics>()
function metricsOf(by: string): Metrics {
  const metrics = metricsByService.get(by) ?? new Metrics({ namespace: "FlashSale", serviceName: by })
  metricsByService.set(by, metrics)
  return metrics
}

interface Sample {
  readonly service: string
  readonly name: MetricName
  count: number
  readonly values: number[]
}
const samples = new Map<string, Sample>()
/** The sample of the function in work. */
function sampleOf(name: MetricName, by = service()): Sample {
  const key = `${by} ${name}`
  const sample = samples.get(key) ?? { service: by, name, count: 0, values: [] }
  samples.set(key, sample)
  return sample
}
let lastFlushMs = Date.now()
let nextFlush: NodeJS.Timeout | undefined

/** Values wait for the interval at most, also when nothing more is recorded: a call that hangs is seen while it hangs. */
function flushInTime(): void {
  if (Date.now() - lastFlushMs >= flushIntervalMs) flushMetrics()
  else nextFlush ??= setTimeout(flushMetrics, flushIntervalMs).unref()
}

let isSuspended = false
const workStats = createWorkStats()

/**
 * Stops log lines and metrics, for a time in which the process does nothing for anyone. What is recorded meanwhile is discarded.
 * @returns starts them again
 */
export function suspendTelemetry(): () => void {
  flushMetrics()
  isSuspended = true
  const level = logger.getLevelName()
  logger.setLogLevel("SILENT")
  return () => {
    samples.clear()
    labelled.clear()
    workStats.discard()
    isSuspended = false
    logger.setLogLevel(level)
  }
}

/** Log lines and metrics carry this name from now on. */
export function nameService(name: string): void {
  serviceName = name
}

/** For a process that holds several functions: their log lines and metrics carry the name of the one that works. */
export function nameFunctions(inWork: () => string | undefined): void {
  functionInWork = inWork
}

/**
 * Records a value; values are kept as a sample of at most 100 a period and written as one line every five seconds,
 * because a line per invocation at thousands of requests a second would cost more than the sale.
 */
export function record(name: MetricName, value: number): void {
  const sample = sampleOf(name)
  sample.count += 1
  if (sample.values.length < maxValuesPerMetric) sample.values.push(value)
  else {
    // Reservoir sampling (Vitter's algorithm R): each value of the period is kept with the same probability.
    const slot = Math.floor(Math.random() * sample.count)
    if (slot < maxValuesPerMetric) sample.values[slot] = value
  }
  flushInTime()
}

/** Counts that something happened `times` times. @param by the service that counts, when it is not this function alone */
export const count = (name: MetricName, times = 1, by = service()): void => {
  const sample = sampleOf(name, by)
  sample.count += times
  sample.values[0] = (sample.values[0] ?? 0) + times
  flushInTime()
}

type Labels = Readonly<Record<string, string>>

interface Labelled {
  readonly service: string
  readonly name: MetricName
  readonly labels: Labels
  value: number
}
const labelled = new Map<string, Labelled>()
const labelledMetric = (name: MetricName, labels: Labels) => {
  const by = service()
  const key = `${by} ${name} ${Object.values(labels).join(" ")}`
  const metric = labelled.get(key) ?? { service: by, name, labels, value: 0 }
  labelled.set(key, metric)
  return metric
}

/**
 * Counts that something of a kind happened. Each kind is a separate metric, beside the metric without labels, and costs as
 * much: the values of a label come from a closed list.
 */
export const countBy = (name: MetricName, labels: Labels, times = 1): void => {
  labelledMetric(name, labels).value += times
  flushInTime()
}

/** Records the latest value of a kind, for example the lag of a consumer group. Labels are as in countBy. */
export const recordBy = (name: MetricName, labels: Labels, value: number): void => {
  labelledMetric(name, labels).value = value
  flushInTime()
}

/** Notes what the function in work has processed, for a log line every ten seconds (work-stats.ts). */
export const countWork = (succeeded: number, failed = 0): void => workStats.add(service(), succeeded, failed, Date.now())

/** Writes the recorded values as one line of embedded metrics for each function, and one line for each kind. */
export function flushMetrics(): void {
  clearTimeout(nextFlush)
  nextFlush = undefined
  lastFlushMs = Date.now()
  if (isSuspended) return
  for (const stats of workStats.due(lastFlushMs)) logger.info("What this function has processed", { ...stats })
  for (const { service: by, name, labels, value } of labelled.values()) {
    const single = metricsOf(by).singleMetric()
    for (const [label, value] of Object.entries(labels)) single.addDimension(label, value)
    single.addMetric(name, metricUnits[name] as Unit, value, MetricResolution.High)
  }
  labelled.clear()
  for (const [by, ofFunction] of Map.groupBy(samples.values(), (sample) => sample.service)) {
    const metrics = metricsOf(by)
    for (const { name, values } of ofFunction) {
      // High resolution: CloudWatch keeps values for every second, so that an alarm may look at ten of them.
      for (const value of values) metrics.addMetric(name, metricUnits[name] as Unit, value, MetricResolution.High)
    }
    metrics.publishStoredMetrics()
  }
  samples.clear()
}

/** Flushes for answers that a process may do in a row, and those that it gains a second. */
const answerFlushes = { most: 5, perSecond: 1 }
let flushesLeft = answerFlushes.most
let flushesAsOfMs = Date.now()

/**
 * Flushes at the end of an invocation: Lambda freezes the process then, and what is not written waits for its next call, or is
 * lost with the process. A process with few calls flushes after each of them, a busy one once a second: at most the values of
 * its last second wait.
 */
export function flushBeforeFreeze(): void {
  const nowMs = Date.now()
  flushesLeft = Math.min(answerFlushes.most, flushesLeft + ((nowMs - flushesAsOfMs) / 1_000) * answerFlushes.perSecond)
  flushesAsOfMs = nowMs
  if (flushesLeft < 1 || (samples.size === 0 && labelled.size === 0)) return
  flushesLeft -= 1
  flushMetrics()
}
