import type { Pool } from "pg"
import { checkInvariants } from "../../adapters/postgres/invariants.ts"
import { oldestUnpublished } from "../../adapters/postgres/lag.ts"
import { operatorSettings } from "../../adapters/postgres/operator-settings.ts"
import { databaseTimeMs, quarantineSize, schemaFaults } from "../../adapters/postgres/preflight-reads.ts"
import { chosenBatchSize, defaultBatchRecords } from "../../domain/batch-size.ts"
import { bestDifference, judgeClock } from "../../domain/preflight/clocks.ts"
import { judged } from "../../domain/preflight/line.ts"
import { readClockTimes } from "./read-clock.ts"
import type { PreflightCheck } from "./run-checks.ts"

/** A ledger entry that waits longer was not published because the relay stands. */
const mostUnpublishedMs = 30_000
/** The invariants read the whole history of all sales. */
const invariantsWithinMs = 18_000

export interface DatabaseCheckDeps {
  /** Connections of the reader role: the invariants take one of them for long. */
  readonly pool: Pool
  /** The command that brings the schema to this version. */
  readonly mendSchema: string
}

/** What PostgreSQL says of itself, of the whole sale, and of the settings. */
export const databaseChecks = ({ pool, mendSchema }: DatabaseCheckDeps): PreflightCheck[] => [
  {
    part: "PostgreSQL",
    items: ["schema"],
    lookWith: "ops db",
    run: async () => [judged(await schemaFaults(pool), "the migrations and functions of this version", mendSchema)],
  },
  {
    part: "PostgreSQL",
    items: ["invariants"],
    lookWith: "ops invariants",
    withinMs: invariantsWithinMs,
    async run() {
      const { checks } = await checkInvariants(pool)
      const broken = checks.filter(({ ok }) => !ok).map(({ name, violations }) => `${name}: ${violations[0]}`)
      return [judged(broken, `all ${checks.length} hold`, "ops reconcile --apply")]
    },
  },
  {
    part: "PostgreSQL",
    items: ["quarantine"],
    lookWith: "ops quarantine list",
    async run() {
      const { records, first } = await quarantineSize(pool)
      const faults = records === 0 ? [] : [`${records} records could not be decided; the first is ${first}`]
      return [judged(faults, "empty", "ops quarantine list")]
    },
  },
  {
    part: "PostgreSQL",
    items: ["events are published"],
    lookWith: "ops lag",
    async run() {
      const oldest = await oldestUnpublished(pool)
      const isLate = oldest !== undefined && oldest.age_ms > mostUnpublishedMs
      const faults = isLate ? [`an event of ${oldest.sku_id} waits for ${Math.round(oldest.age_ms / 1_000)} s`] : []
      return [judged(faults, "no event waits", "ops logs expiry-sweeper --errors")]
    },
  },
  {
    part: "settings",
    items: ["limits of admission", "batch size of the writer"],
    lookWith: "ops limits",
    async run() {
      const settings = await operatorSettings(pool)
      const tight = (["limits", "limits-by-itself"] as const).flatMap((name) => {
        const setting = settings.get(name)
        return setting?.value === "tight" ? [`tightened by ${setting.setBy} at ${setting.setAt}`] : []
      })
      const records = chosenBatchSize(settings.get("batch-size")?.value)
      const other =
        records === undefined || records === defaultBatchRecords ? [] : [`${records} records, not ${defaultBatchRecords}`]
      return [
        judged(tight, "normal", "ops limits normal"),
        judged(other, `${defaultBatchRecords} records`, "ops batch-size default"),
      ]
    },
  },
  {
    part: "clocks",
    items: ["PostgreSQL"],
    lookWith: "ops lag",
    run: async () => [
      judgeClock(bestDifference(await readClockTimes(() => databaseTimeMs(pool))), "PostgreSQL's clock", "ops lag"),
    ],
  },
]
