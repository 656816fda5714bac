import type { AlarmDefinition } from "../../lib/alarms/definition.ts"
import { edgeAlarms } from "../../lib/alarms/edge.ts"
import { stageAlarms } from "../../lib/alarms/stage-alarms.ts"
import type { StageConfig } from "../../lib/config.ts"

/** The names that AWS gives to parts matter to an alarm's metric only. A report needs its name, condition and heading. */
const unnamed = {
  apiId: "unnamed",
  parts: { clusterName: "unnamed", databaseIdentifier: "unnamed", replicaIdentifiers: ["unnamed"], cacheMembers: ["unnamed"] },
}

/** The alarms of a stage as a report looks them up. */
export const watchedAlarms = (stage: StageConfig): readonly AlarmDefinition[] => [
  ...stageAlarms(stage, unnamed),
  ...edgeAlarms("unnamed"),
]
