import type { Pool } from "pg"
import type { Activity } from "../../domain/steering.ts"
import type { Limits } from "../../domain/token-bucket.ts"
import { text, textArray } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readActivityText from "./statements/read-activity.sql"
import readSettingsText from "./statements/read-operator-settings.sql"
import setSettingsText from "./statements/set-operator-settings.sql"

const readActivity = statement(readActivityText, {})
const readSettings = statement(readSettingsText, {})
const setSettings = statement(setSettingsText, { names: textArray, value: text, set_by: text })

/** The settings: those of migration 0020, and until when an operator wants warm environments (milliseconds since 1970). */
export type SettingName = "limits" | "limits-by-itself" | "batch-size" | "warm-until"

/** A setting as it was last changed. */
export interface Setting {
  readonly value: string
  readonly setBy: string
  /** ISO 8601, by PostgreSQL's clock. */
  readonly setAt: string
}

/** The settings that were ever set. @throws PostgreSQL's errors */
export async function operatorSettings(pool: Pool): Promise<ReadonlyMap<SettingName, Setting>> {
  const { rows } = await pool.query<{ name: SettingName; value: string; set_by: string; set_at: number }>(readSettings({}))
  return new Map(
    rows.map(({ name, value, set_by, set_at }) => [
      name,
      { value, setBy: set_by, setAt: new Date(Math.floor(set_at / 1_000)).toISOString() },
    ]),
  )
}

/**
 * Sets some settings to one value, together. A setting that has the value stays as it was set.
 * @param setBy the operator, or the function that sets it
 * @throws PostgreSQL's errors
 */
export async function setOperatorSettings(
  pool: Pool,
  names: readonly SettingName[],
  value: string,
  setBy: string,
): Promise<void> {
  await pool.query(setSettings({ names, value, set_by: setBy }))
}

/** What PostgreSQL has done until now, and the limits that the sweeper chose. @throws PostgreSQL's errors */
export async function readDatabaseActivity(pool: Pool): Promise<Activity & { readonly byItself: Limits }> {
  const { rows } = await pool.query<{ ended: number; writing: number; at: number; by_itself: Limits }>(readActivity({}))
  const [row] = rows
  return { ended: row?.ended ?? 0, writing: row?.writing ?? 0, at: row?.at ?? 0, byItself: row?.by_itself ?? "normal" }
}
