import type { AlarmDefinition } from "./definition.ts"
import { isFormula, type MetricSpec, minuteSeconds } from "./metric-spec.ts"

const because = "a trial pages nobody, and an alarm that is evaluated every ten seconds costs three times as much"
/** Brokers of a trial report at the level that costs nothing, which has no such figure. */
const notReported: ReadonlySet<string> = new Set(["IAMTooManyConnections"])

/**
 * The alarms of a trial: the same conditions, evaluated once a minute, and a symptom mails beside its cause. Alarms every ten
 * seconds and alarms on alarms would cost as much as the database of a trial.
 */
export const trialAlarms = (definitions: readonly AlarmDefinition[]): AlarmDefinition[] =>
  definitions
    .filter(({ heading }) => !notReported.has(heading))
    .map(({ suppressedBy: _causes, ...alarm }) => ({ ...alarm, metric: byTheMinute(alarm.metric), slowBecause: because }))

function byTheMinute(spec: MetricSpec): MetricSpec {
  const seconds = Math.max(spec.seconds, minuteSeconds)
  if (!isFormula(spec)) return { ...spec, seconds }
  const metrics = Object.fromEntries(Object.entries(spec.metrics).map(([name, metric]) => [name, byTheMinute(metric)]))
  return { ...spec, metrics, seconds }
}
