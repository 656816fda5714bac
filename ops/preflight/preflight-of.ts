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
  readonly progress: (text: string) => void
}

/** The checklist of the local system, or of a stage. @throws Error for an unknown stage, or when no system runs here */
export async function preflightOf(
  { stage, skus, opensAt, address, progress }: PreflightAsked,
  ask: Ask,
): Promise<PreflightLine[]> {
  if (stage !== undefined) {
    const config = stageNamed(stage)
    const sales = expectedSales(config.sales, skus, opensAt, Date.now())
    const { stageChecks } = await import("./stage-checks.ts")
    return runPreflight(ask, sales, stageChecks(config, skuIdsOf(sales), address), progress)
  }
  const { BASE_URL: url, LOCAL_STATE_DIR: stateDir } = process.env
  if (url === undefined || stateDir === undefined) {
    throw new Error("No system is running here. Start one (npm start), or name a deployed stage (--stage).")
  }
  const sales = expectedSales([], skus, opensAt, Date.now())
  return runPreflight(ask, sales, localChecks({ url: address ?? url, stateDir }, skuIdsOf(sales)), progress)
}

const skuIdsOf = (sales: readonly { readonly sku_id: string }[]): string[] => sales.map(({ sku_id }) => sku_id)
