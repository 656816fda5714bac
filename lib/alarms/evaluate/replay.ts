import type { Measured } from "../../../core/contracts/measured.ts"
import type { AlarmDefinition } from "../definition.ts"
import { indexMeasured, startOfPeriod } from "./measured-index.ts"
import type { Window } from "./series.ts"
import { type AlarmMessage, type AlarmStandings, step } from "./standing.ts"

/** CloudWatch evaluates alarms of ten seconds every ten seconds. */
const evaluatedEveryMs = 10_000

/**
 * Plays recorded measurements to alarms. An alarm is judged as soon as the recording covers all of its periods.
 *
 * @param measurements in order of time
 * @param phaseMs how long after the end of a period the evaluations are
 * @returns what the alarms send, in order
 */
export function replay(
  definitions: readonly AlarmDefinition[],
  measurements: Iterable<Measured>,
  { fromMs, toMs }: Window,
  phaseMs = 0,
): AlarmMessage[] {
  const index = indexMeasured(measurements)
  const isCovered = ({ metric, datapoints }: AlarmDefinition, nowMs: number) =>
    startOfPeriod(nowMs, metric.seconds) - datapoints * metric.seconds * 1_000 >= fromMs
  const messages: AlarmMessage[] = []
  let standings: AlarmStandings = new Map()
  const firstMs = Math.ceil((fromMs - phaseMs) / evaluatedEveryMs) * evaluatedEveryMs + phaseMs
  for (let nowMs = firstMs; nowMs <= toMs; nowMs += evaluatedEveryMs) {
    const covered = definitions.filter((definition) => isCovered(definition, nowMs))
    const next = step(covered, standings, index, nowMs)
    standings = next.standings
    messages.push(...next.messages)
  }
  return messages
}
