import type { StageConfig } from "../config.ts"
import { analyticsAlarms } from "./analytics.ts"
import type { AlarmDefinition } from "./definition.ts"
import { noticeAlarms } from "./notices.ts"
import { drillAlarms } from "./paging.ts"
import { partAlarms, type WatchedParts } from "./parts.ts"
import { paymentAlarms } from "./payments.ts"
import { saleAlarms } from "./sale.ts"
import { scheduleAlarms } from "./schedules.ts"
import { secretAlarms } from "./secrets.ts"
import { shopperAlarms } from "./shoppers.ts"
import { signInAlarms } from "./sign-in.ts"
import { streamAlarms } from "./streams.ts"
import { trialAlarms } from "./trial.ts"

/** What the alarms of a stage watch, by the names under which AWS reports it. */
export interface Watched {
  readonly apiId: string
  readonly parts: WatchedParts
}

/** Every alarm of the stage's own region. Those on CloudFront are in edge.ts, those on the second region in recovery.ts. */
export const stageAlarms = (stage: StageConfig, watched: Watched): readonly AlarmDefinition[] => {
  const alarms = allAlarms(stage, watched)
  return stage.trial === true ? trialAlarms(alarms) : alarms
}

const allAlarms = (stage: StageConfig, { apiId, parts }: Watched): readonly AlarmDefinition[] => [
  ...saleAlarms(stage),
  ...shopperAlarms(apiId),
  ...paymentAlarms(),
  ...noticeAlarms(stage),
  ...partAlarms(stage, parts),
  ...streamAlarms(),
  ...secretAlarms(stage),
  ...scheduleAlarms(stage),
  ...signInAlarms(stage),
  ...analyticsAlarms,
  ...drillAlarms(stage),
]
