import { createReadStream, existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as z from "zod"
import { jsonOf } from "../../core/contracts/json.ts"
import { type AlarmDefinition, alarmName } from "../../lib/alarms/definition.ts"
import { indexMeasured } from "../../lib/alarms/evaluate/measured-index.ts"
import { seriesOf } from "../../lib/alarms/evaluate/series.ts"
import { type AlarmStandings, step } from "../../lib/alarms/evaluate/standing.ts"
import type { OneMetric } from "../../lib/alarms/metric-spec.ts"
import { historyFolder, readMeasured } from "../../local/metrics/history.ts"
import type { MetricsHistory } from "./metrics-history.ts"
import type { Tripped } from "./schema.ts"
import { type FlaggedInLog, flaggedMessage, leftOutMessage, type ReportSources, runbookOf } from "./sources.ts"
import { beginningsOf, type Window } from "./window.ts"

/** Alarms are evaluated as often as CloudWatch does it, with what was measured shortly before. */
const evaluationMs = 10_000
const rememberedMs = 15 * 60_000
/** The functions of a system that starts have not reported yet: alarms on silence wait so long. */
const settlingMs = 3 * 60_000
/** Every process reports every ten seconds. */
const notRunningMs = 60_000

/**
 * The sources of the local system: the files in which its processes keep what they measure, and their logs.
 * @param stateDir the state folder @param definitions the alarms that are evaluated over the measurements
 */
export const localSources = (stateDir: string, definitions: readonly AlarmDefinition[]): ReportSources => ({
  history: localHistory(historyFolder(stateDir)),
  tripped: (window) => evaluated(historyFolder(stateDir), definitions, window),
  flagged: (window) => flaggedIn(join(stateDir, "logs"), window),
})

/** The measurements in a folder of the local system. Metrics of AWS itself have no values. */
export const localHistory = (folder: string): MetricsHistory => ({
  source: "Measured by the processes of this machine, every ten seconds. AWS's own metrics do not exist here.",
  leastSeconds: () => evaluationMs / 1_000,
  async read(metrics, window) {
    const names = new Set(metrics.map(({ name }) => name))
    const index = indexMeasured()
    for await (const measured of readMeasured(folder, window.fromMs, window.toMs)) {
      if (names.has(measured.name)) index.add(measured)
    }
    const places = new Map(beginningsOf(window).map((beginning, place) => [beginning, place]))
    return metrics.map((metric: OneMetric) => {
      const series = new Array<number | undefined>(places.size).fill(undefined)
      for (const { atMs, value } of seriesOf({ ...metric, seconds: window.intervalSeconds }, index, window)) {
        const place = places.get(atMs)
        if (place !== undefined) series[place] = value
      }
      return series
    })
  },
})

/** Evaluates the alarms from the beginning of the window to its end, and returns the times in which one was in alarm. */
async function evaluated(folder: string, definitions: readonly AlarmDefinition[], window: Window): Promise<Tripped[]> {
  const index = indexMeasured()
  const open = new Map<string, Tripped>()
  const tripped: Tripped[] = []
  let standings: AlarmStandings = new Map()

  const evaluate = (nowMs: number, begunMs: number) => {
    const judged = definitions.filter(({ silence }) => silence === "fine" || nowMs >= begunMs + settlingMs)
    standings = step(judged, standings, index, nowMs).standings
    for (const definition of judged) note(definition, nowMs)
    index.forgetBefore(nowMs - rememberedMs)
  }

  const note = (definition: AlarmDefinition, nowMs: number) => {
    const name = alarmName(definition)
    const standing = standings.get(name)
    const isInAlarm = standing?.state === "alarm"
    const known = open.get(name) ?? (isInAlarm ? trippedAt(definition, nowMs) : undefined)
    if (known === undefined) return
    if (isInAlarm && !open.has(name)) {
      open.set(name, known)
      tripped.push(known)
    }
    if (isInAlarm && standing.isSent) known.sent = true
    if (!isInAlarm) {
      known.to = new Date(nowMs).toISOString()
      open.delete(name)
    }
  }

  let nextMs = window.fromMs
  let begunMs = 0
  let lastMs = Number.NEGATIVE_INFINITY
  for await (const measured of readMeasured(folder, window.fromMs - rememberedMs, window.toMs)) {
    // Nothing at all for so long means that the system did not run. Alarms on silence begin anew with it.
    if (measured.at_ms - lastMs > notRunningMs) {
      begunMs = measured.at_ms
      nextMs = Math.max(nextMs, Math.ceil(measured.at_ms / evaluationMs) * evaluationMs)
    }
    lastMs = measured.at_ms
    for (; nextMs <= measured.at_ms; nextMs += evaluationMs) evaluate(nextMs, begunMs)
    index.add(measured)
  }
  if (nextMs <= window.toMs && lastMs >= window.fromMs) evaluate(nextMs, begunMs)
  return tripped
}

const trippedAt = (definition: AlarmDefinition, atMs: number): Tripped => ({
  alarm: alarmName(definition),
  priority: definition.priority,
  condition: definition.condition,
  from: new Date(atMs).toISOString(),
  to: null,
  sent: false,
  runbook: runbookOf(definition.heading),
})

const Line = z.looseObject({
  message: z.string(),
  timestamp: z.string(),
  user: z.string().optional(),
  left_out: z.number().optional(),
})

/** Reads the logs of all processes, file by file: their memory does not grow with the files. */
async function flaggedIn(folder: string, { fromMs, toMs }: Window): Promise<FlaggedInLog> {
  const users = new Set<string>()
  let leftOut = 0
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".log")) : []
  for (const file of files) {
    for await (const text of createInterface({ input: createReadStream(join(folder, file)) })) {
      if (!text.includes(flaggedMessage) && !text.includes(leftOutMessage)) continue
      const line = Line.safeParse(jsonOf(text.slice(text.indexOf("{")))).data
      const atMs = Date.parse(line?.timestamp ?? "")
      if (line === undefined || !(atMs >= fromMs && atMs < toMs)) continue
      if (line.user !== undefined) users.add(line.user)
      leftOut += line.left_out ?? 0
    }
  }
  return { users, leftOut }
}
