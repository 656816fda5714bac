import { alarmName } from "../../lib/alarms/definition.ts"
import { indexMeasured } from "../../lib/alarms/evaluate/measured-index.ts"
import { type AlarmMessage, type AlarmStandings, step } from "../../lib/alarms/evaluate/standing.ts"
import { followHistory } from "../metrics/follow-history.ts"
import { localAlarms } from "./definitions.ts"

/** The longest time that an alarm looks back: 5 periods of a minute. */
const keptMs = 600_000
/** How much of the end of each file is read at the start: some minutes of a sale. */
const startBytes = 512 * 1_024

/** One alarm, as `ops alarms` lists it. */
export interface ListedAlarm {
  readonly alarm: string
  readonly priority: "P0" | "P1" | "P2"
  readonly state: "ok" | "alarm" | "cannot tell"
  /** RFC 3339; absent where nobody can tell the state. */
  readonly since?: string
  readonly value?: number
  readonly threshold: string
  readonly condition: string
  readonly runbook: string
}

/** The alarms of this machine. */
export interface AlarmWatch {
  /** Reads what was measured since the last call, and judges all alarms. @returns what they send now */
  look(nowMs: number): readonly AlarmMessage[]
  list(): ListedAlarm[]
}

/** @param folder of the history of measurements */
export function createAlarmWatch(folder: string): AlarmWatch {
  const history = followHistory(folder, startBytes)
  const index = indexMeasured()
  const startedAtMs = Date.now()
  let standings: AlarmStandings = new Map()
  return {
    look(nowMs) {
      index.forgetBefore(nowMs - keptMs)
      for (const measured of history.next()) index.add(measured)
      // A system that has just started has measured nothing yet: that is not the silence that an alarm is about.
      const judged = localAlarms.filter(
        ({ silence, datapoints, metric }) =>
          silence === "fine" || nowMs - startedAtMs > (datapoints + 2) * metric.seconds * 1_000,
      )
      const next = step(judged, standings, index, nowMs)
      standings = next.standings
      return next.messages
    },
    list: () =>
      localAlarms.map((definition) => {
        const { heading, priority, above, below, condition } = definition
        const standing = standings.get(alarmName(definition))
        const state = standing?.state ?? "cannot tell"
        return {
          alarm: alarmName(definition),
          priority,
          state,
          ...(standing && state !== "cannot tell" && { since: new Date(standing.sinceMs).toISOString() }),
          ...(standing?.value !== undefined && { value: standing.value }),
          threshold: below === undefined ? `above ${above ?? 0}` : `below ${below}`,
          condition,
          runbook: `docs/RUNBOOK.md#${heading.toLowerCase()}`,
        }
      }),
  }
}
