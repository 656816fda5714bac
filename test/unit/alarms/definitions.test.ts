import { expect, test } from "vitest"
import { edgeAlarms } from "../../../lib/alarms/edge.ts"
import { indexMeasured } from "../../../lib/alarms/evaluate/measured-index.ts"
import { seriesOf } from "../../../lib/alarms/evaluate/series.ts"
import { isFormula, type MetricSpec } from "../../../lib/alarms/metric-spec.ts"
import { recoveryAlarms } from "../../../lib/alarms/recovery.ts"
import { stageAlarms } from "../../../lib/alarms/stage-alarms.ts"
import { stages } from "../../../lib/stages.ts"

const watched = {
  apiId: "api",
  parts: {
    clusterName: "cluster",
    databaseIdentifier: "database",
    cacheMembers: ["cache-001", "cache-002"],
    replicaIdentifiers: ["replica"],
  },
}
const definitions = Object.values(stages).flatMap((stage) =>
  [
    ...stageAlarms(stage, watched),
    ...edgeAlarms("distribution"),
    ...recoveryAlarms({ databaseIdentifier: "standby", replicatorName: "replicator" }),
  ].map((alarm) => ({
    stage,
    alarm,
  })),
)

/** CloudWatch's limit for an alarm on a formula. */
const mostMetrics = 10
const metricsIn = (spec: MetricSpec): number =>
  isFormula(spec) ? Object.values(spec.metrics).reduce((sum, metric) => sum + metricsIn(metric), 0) : 1

test("the formula of every alarm of every stage can be evaluated here, and has as many metrics as CloudWatch allows", () => {
  const minute = { fromMs: 0, toMs: 60_000 }
  for (const { alarm } of definitions) {
    expect(() => seriesOf(alarm.metric, indexMeasured(), minute), alarm.heading).not.toThrow()
    expect(metricsIn(alarm.metric), alarm.heading).toBeLessThanOrEqual(mostMetrics)
  }
  expect(definitions.length).toBeGreaterThan(100)
})
