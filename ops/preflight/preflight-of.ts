import type { PreflightLine } from "../../core/domain/preflight/line.ts"
import { stageNamed } from "../../lib/stages.ts"
import type { Ask } from "../client.ts"
import { expectedSales } from "./expected-sales.ts"
import { localChecks } from "./local-checks.ts"
import { runPreflight } from "./run-preflight.ts"

export interface PreflightAsked {
  /** Undefined: the system of this machine. */
  readonly stage: string | undefined
  readonly skus: readonly string[]
  readonly opensAt: string | undefined
  readonly address: string | undefined
  /** A synthetic alarm is sent, and its page waited for. */
  readonly pages: boolean
  readonly progress: (text: string) => void
}

/** The checklist of the local system, or of a stage. @throws Error for an unknown stage, or when no system runs here */
export async function preflightOf(
  { stage, skus, opensAt, address, pages, progress }: PreflightAsked,
  ask: Ask,
): Promise<PreflightLine[]> {
  if (stage !== undefined) {
    const config = stageNamed(stage)
    const sales = expectedSales(config.sales, skus, opensAt, Date.now())
    const { stageChecks } = await import("./stage-checks.ts")
    return runPreflight(ask, sales, stageChecks(config, skuIdsOf(sales), { address, pages }), progress)
  }
  const { BASE_URL: url, LOCAL_STATE_DIR: stateDir, ALARMS_URL: alarmsUrl } = process.env
  if (url === undefined || stateDir === undefined || alarmsUrl === undefined) {
    throw new Error("No system is running here. Start one (npm start), or name a deployed stage (--stage).")
  }
  const sales = expectedSales([], skus, opensAt, Date.now())
  return runPreflight(ask, sales, localChecks({ url: address ?? url, stateDir, alarmsUrl }, skuIdsOf(sales), pages), progress)
}

const skuIdsOf = (sales: readonly { readonly sku_id: string }[]): string[] => sales.map(({ sku_id }) => sku_id)
