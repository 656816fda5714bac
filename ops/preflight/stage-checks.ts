import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch"
import { cannotTell, doesNotApply, type Finding, isNotOk, isOk } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import type { StageConfig } from "../../lib/config.ts"
import { edgeChecks } from "./edge-checks.ts"
import { stageAccountChecks } from "./stage-account.ts"
import { stageAlarmChecks } from "./stage-alarms.ts"

/** RDS reports the lag of a replica in seconds. */
const mostReplicaLagSeconds = 0.05
const lagLookBackMs = 10 * 60_000

/** What only AWS can tell of a stage, with the credentials of the operator; and what a shopper sees. */
export function stageChecks(
  stage: StageConfig,
  skuIds: readonly string[],
  { address, pages }: { readonly address: string | undefined; readonly pages: boolean },
): PreflightCheck[] {
  const deploy = `npx cdk deploy "${stage.name}/**" --concurrency 3`
  return [
    ...publicChecks(stage, skuIds, address),
    ...stageAccountChecks(stage, deploy),
    ...stageAlarmChecks(stage, deploy, pages),
    {
      part: "PostgreSQL",
      items: ["replica lag"],
      lookWith: "ops logs analytics --errors",
      run: async () => [await judgeReplicaLag(stage)],
    },
  ]
}

/** A stage without a domain has a generated name, which its config does not know. */
function publicChecks({ domain }: StageConfig, skuIds: readonly string[], address: string | undefined): PreflightCheck[] {
  const siteUrl = address ?? (domain && `https://${domain.siteName}`)
  const apiUrl = address ?? (domain && `https://${domain.apiName}`)
  const lookWith = "ops logs availability --errors"
  if (siteUrl !== undefined && apiUrl !== undefined) return edgeChecks({ siteUrl, apiUrl, skuIds, isCached: true, lookWith })
  const unknown = cannotTell("the stage has no domain: name its address with --address", "ops preflight --address <url>")
  return [
    { part: "edge", items: ["page", "availability", "certificate"], lookWith, run: async () => [unknown, unknown, unknown] },
  ]
}

async function judgeReplicaLag({ name, region, database }: StageConfig): Promise<Finding> {
  if (database.analyticsReplicas === 0) return doesNotApply("the stage has no replica")
  const search = `SEARCH('{AWS/RDS,DBInstanceIdentifier} MetricName="ReplicaLag" flash-sale-${name}', 'Maximum', 60)`
  const nowMs = Date.now()
  const { MetricDataResults = [] } = await new CloudWatchClient({ region }).send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - lagLookBackMs),
      EndTime: new Date(nowMs),
      ScanBy: "TimestampDescending",
      MetricDataQueries: [{ Id: "lag", Expression: search }],
    }),
  )
  const newest = MetricDataResults.flatMap(({ Values = [] }) => Values.slice(0, 1))
  const mend = "ops logs analytics --errors"
  if (newest.length === 0) return cannotTell(`AWS measured no lag within ${lagLookBackMs / 60_000} minutes`, mend)
  const worst = Math.max(...newest)
  const shown = `${Math.round(worst * 1_000)} ms behind`
  return worst > mostReplicaLagSeconds ? isNotOk(`${shown}; at most ${mostReplicaLagSeconds * 1_000} ms`, mend) : isOk(shown)
}
