import type { Pool } from "pg"
import {
  operatorSettings,
  type Setting,
  type SettingName,
  setOperatorSettings,
} from "../../../core/adapters/postgres/operator-settings.ts"
import type { BatchSizeReport, Limits, LimitsReport, settingsCommands } from "../../../core/contracts/operations/settings.ts"
import {
  batchSize,
  chosenBatchSize,
  defaultBatchRecords,
  leastBatchRecords,
  mostBatchRecords,
} from "../../../core/domain/batch-size.ts"
import { limitOf } from "../../../core/domain/token-bucket.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/**
 * A function reads the limits with the SKUs, every second at most; a query may take two seconds, and the request that it delays
 * one more.
 */
const inEffectWithinSeconds = 5

/** Settings of the stage. They need PostgreSQL alone: limits are tightened when Redis is away. */
export const settingsHandlers: Handlers<keyof typeof settingsCommands> = {
  limits: async (parts) => limitsReport(await parts.readerPool()),
  "limits-set": async (parts, { limits, operator }) => {
    const settings = await operatorSettings(await parts.readerPool())
    await set(parts, { names: namesOf(limits, settings), value: limits, operator })
    return limitsReport(await parts.readerPool())
  },
  "batch-size": async (parts) => batchSizeReport(await parts.readerPool()),
  "batch-size-set": async (parts, { records, operator }) => {
    await set(parts, { names: ["batch-size"], value: String(records ?? "default"), operator })
    return batchSizeReport(await parts.readerPool())
  },
}

/** Normal ends what the sweeper chose as well; it may tighten the limits again at its next measurement. */
const namesOf = (limits: Limits, settings: ReadonlyMap<SettingName, Setting>): SettingName[] =>
  limits === "normal" && settings.get("limits-by-itself")?.value === "tight" ? ["limits", "limits-by-itself"] : ["limits"]

const set = async (parts: OpsParts, change: { names: SettingName[]; value: string; operator: string }): Promise<void> =>
  setOperatorSettings(await parts.adminPool(), change.names, change.value, change.operator)

async function limitsReport(pool: Pool): Promise<LimitsReport> {
  const settings = await operatorSettings(pool)
  const [byOperator, byItself] = [settings.get("limits"), settings.get("limits-by-itself")]
  const limits = [byOperator, byItself].some((setting) => setting?.value === "tight") ? "tight" : "normal"
  const tiers = [1, 2, 3, 4] as const
  return {
    limits,
    by_operator: choiceOf(byOperator),
    by_itself: choiceOf(byItself),
    requests_per_minute: Object.fromEntries(tiers.map((tier) => [tier, limitOf(tier, limits)])),
    in_effect_within_seconds: inEffectWithinSeconds,
  }
}

const choiceOf = (setting: Setting | undefined): LimitsReport["by_operator"] =>
  setting === undefined ? null : { limits: setting.value as Limits, by: setting.setBy, at: setting.setAt }

async function batchSizeReport(pool: Pool): Promise<BatchSizeReport> {
  const setting = (await operatorSettings(pool)).get("batch-size")
  const chosen = chosenBatchSize(setting?.value)
  return {
    records: chosen ?? defaultBatchRecords,
    is_default: chosen === undefined,
    records_under_backlog: batchSize(Number.POSITIVE_INFINITY, chosen),
    least: leastBatchRecords,
    most: mostBatchRecords,
    changed: setting === undefined ? null : { by: setting.setBy, at: setting.setAt },
  }
}
