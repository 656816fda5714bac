import { type AlarmDefinition, alarmName, causeExtensionSeconds, causeWaitSeconds } from "../definition.ts"
import { type AlarmState, type Judgement, judge } from "./alarm-state.ts"
import type { MeasuredIndex } from "./measured-index.ts"

/** How one alarm stands. Times are in milliseconds. */
export interface AlarmStanding extends Judgement {
  readonly state: AlarmState
  readonly sinceMs: number
  /** Its message was sent. */
  readonly isSent: boolean
  /** When its message is sent, if none of its causes is in alarm by then. Absent when it does not wait. */
  readonly sendsAtMs?: number
}

export type AlarmStandings = ReadonlyMap<string, AlarmStanding>

/** A message to the topic of an alarm's priority: it is in alarm, or over. */
export interface AlarmMessage {
  readonly atMs: number
  readonly alarm: AlarmDefinition
  readonly state: "alarm" | "ok"
  readonly value?: number
}

export interface Suppression {
  /** How long an alarm with causes waits for one of them to go into alarm. */
  readonly waitMs: number
  /** How long it waits after its cause is over, for its own end. */
  readonly extensionMs: number
}

/** As the alarms of a stage are deployed. */
const deployed: Suppression = { waitMs: causeWaitSeconds * 1_000, extensionMs: causeExtensionSeconds * 1_000 }

export interface Step {
  readonly standings: AlarmStandings
  readonly messages: readonly AlarmMessage[]
}

/**
 * One evaluation of all alarms, as CloudWatch does it every ten seconds: their states, and the messages that leave now. An alarm
 * with causes sends nothing while one of them is in alarm, as a composite alarm with an actions suppressor.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Composite_Alarm_Suppression.html
 */
export function step(
  definitions: readonly AlarmDefinition[],
  before: AlarmStandings,
  measurements: MeasuredIndex,
  nowMs: number,
  suppression: Suppression = deployed,
): Step {
  const judged = new Map(definitions.map((alarm) => [alarmName(alarm), { alarm, now: judge(alarm, measurements, nowMs) }]))
  const isInAlarm = (name: string) => judged.get(name)?.now.state === "alarm"
  const standings = new Map<string, AlarmStanding>()
  const messages: AlarmMessage[] = []
  for (const [name, { alarm, now }] of judged) {
    const previous = before.get(name)
    const cause = alarm.suppressedBy?.some(isInAlarm) ?? false
    const standing = standingOf({ now, previous, nowMs, cause, hasCauses: alarm.suppressedBy !== undefined, suppression })
    standings.set(name, standing)
    const wasSent = previous?.isSent ?? false
    if (standing.isSent !== wasSent) {
      const { value } = now
      messages.push({ atMs: nowMs, alarm, state: standing.isSent ? "alarm" : "ok", ...(value !== undefined && { value }) })
    }
  }
  return { standings, messages }
}

interface Situation {
  readonly now: Judgement
  readonly previous: AlarmStanding | undefined
  readonly nowMs: number
  readonly cause: boolean
  readonly hasCauses: boolean
  readonly suppression: Suppression
}

function standingOf({ now, previous, nowMs, cause, hasCauses, suppression }: Situation): AlarmStanding {
  const isSame = previous?.state === now.state
  const standing = { ...now, sinceMs: isSame ? previous.sinceMs : nowMs }
  if (now.state !== "alarm") return { ...standing, isSent: false }
  if (!hasCauses || (isSame && previous.isSent)) return { ...standing, isSent: true }
  if (cause) return { ...standing, isSent: false }
  const waitMs = isSame ? suppression.extensionMs : suppression.waitMs
  const sendsAtMs = (isSame ? previous.sendsAtMs : undefined) ?? nowMs + waitMs
  return nowMs >= sendsAtMs ? { ...standing, isSent: true } : { ...standing, isSent: false, sendsAtMs }
}
