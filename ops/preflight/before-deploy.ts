import type { PreflightLine } from "../../core/domain/preflight/line.ts"
import { type PreflightCheck, runChecks } from "../../core/workflows/preflight/run-checks.ts"
import type { StageConfig } from "../../lib/config.ts"
import { accountNeeds } from "../../lib/quotas/account-needs.ts"
import { stageNamed } from "../../lib/stages.ts"
import { mailAccessCheck, managedInstancesCheck, quotaChecks } from "./account-quotas.ts"

/** What has to be right in an account before a stage is deployed there for the first time. Nothing of the stage has to exist. */
export const beforeDeployChecks = (stage: StageConfig): PreflightCheck[] => [
  ...quotaChecks(accountNeeds(stage)),
  managedInstancesCheck(stage),
  mailAccessCheck(stage),
]

/**
 * Compares the account of the present credentials with what the stage needs.
 * @param progress gets the name of each item that was looked at
 * @throws Error for an unknown stage
 */
export const beforeDeploy = (stageName: string, progress: (text: string) => void): Promise<PreflightLine[]> =>
  runChecks(beforeDeployChecks(stageNamed(stageName)), ({ items }) => progress(items.join(", ")))
