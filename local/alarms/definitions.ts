import { stageAlarms } from "../../lib/alarms/stage-alarms.ts"
import { stages } from "../../lib/stages.ts"

/** The alarms of stage `dev`: the sizes of the local system are nearest to it. Parts of AWS have no names here. */
export const localAlarms = stageAlarms(stages.dev, {
  apiId: "local",
  parts: { clusterName: "local", databaseIdentifier: "local", cacheMembers: ["local"], replicaIdentifiers: [] },
})
