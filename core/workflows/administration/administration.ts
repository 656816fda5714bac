import type { Pool } from "pg"
import type { AnalyticsStore } from "../../adapters/analytics/store.ts"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import {
  type AdminSkuRow,
  createSku,
  definitionHashOf,
  readAdminSkuRow,
  readAdminSkuRows,
} from "../../adapters/postgres/admin-skus.ts"
import { checkInvariants } from "../../adapters/postgres/invariants.ts"
import type { AnalyticsReport } from "../../contracts/analytics.ts"
import type {
  AdminSku,
  AdminSkuList,
  AdminSkuQuery,
  CreateSkuBody,
  HoldsExtended,
  SkuStats,
  Verification,
} from "../../contracts/http/admin.ts"
import { skuCursor } from "../../contracts/http/pages.ts"
import { CommandRefused, NotFound } from "../../domain/errors.ts"
import { type EarlierUse, keyedCommand, ownKey } from "../../domain/keyed-command.ts"
import type { RunningMode } from "../../domain/modes.ts"
import type { ApplyCommand, TransitionCommand } from "../allocation/apply-command.ts"
import type { ExtendHolds } from "../allocation/extend-holds.ts"
import { createModeSwitch } from "../allocation/mode-switch.ts"
import { readAnalytics } from "../streams/read-analytics.ts"
import { adminSku, adminSkuEntry, skuStats } from "./sku-documents.ts"

interface AdminDeps {
  /** Connections of the admin role. */
  readonly pool: Pool
  /** Connections whose statements may take as long as the checks do. */
  readonly checkPool: Pool
  readonly analytics: AnalyticsStore
  readonly applyCommand: ApplyCommand
  readonly extendHolds: ExtendHolds
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
}

/** A repeated command is answered with the present state. @throws CommandRefused idempotency-key-reused */
function refuseOtherUse(earlierUse: EarlierUse | undefined): void {
  if (earlierUse !== "other") return
  throw new CommandRefused("idempotency-key-reused", { detail: "The key was used for another command. Nothing was changed." })
}

/** What operators do with sales. @throws CommandRefused, NotFound, TemporarilyUnavailable; the errors of the servers */
export function createAdministration(deps: AdminDeps) {
  async function find(skuId: string): Promise<AdminSkuRow> {
    const row = await readAdminSkuRow(deps.pool, skuId, deps.requestsTopic)
    if (row === undefined) throw new NotFound("sku")
    return row
  }

  const readyFor = createModeSwitch({ endOffsets: deps.endOffsets, requestsTopic: deps.requestsTopic, find })

  async function applyCommand(skuId: string, command: (skuNo: number) => TransitionCommand): Promise<AdminSku> {
    const { sku_no } = await find(skuId)
    const { refused } = await deps.applyCommand(sku_no, command(sku_no))
    if (refused === "sale-closed") throw new CommandRefused(refused)
    return adminSku(await find(skuId))
  }

  return {
    /** Creates a SKU; the same definition again finds it. */
    async create(sku: CreateSkuBody): Promise<{ created: boolean; sku: AdminSku }> {
      const skuNo = await createSku(deps.pool, sku, deps.requestsTopic)
      const row = await find(sku.sku_id)
      if (skuNo === undefined && !row.definition_hash.equals(definitionHashOf(sku))) throw new CommandRefused("sku-exists")
      // A command with nothing due shows the new sale in Redis.
      if (skuNo !== undefined) await deps.applyCommand(skuNo, { kind: "expire" })
      return { created: skuNo !== undefined, sku: adminSku(row) }
    },

    open: (skuId: string) => applyCommand(skuId, (skuNo) => ({ kind: "open", skuNo })),
    close: (skuId: string) => applyCommand(skuId, (skuNo) => ({ kind: "close", skuNo })),
    /** Stops admission. With `freeze` it stops the writer of the SKU's partition, too. */
    halt: (skuId: string, freeze = false) => applyCommand(skuId, (skuNo) => ({ kind: "halt", skuNo, freeze })),
    resume: (skuId: string) => applyCommand(skuId, (skuNo) => ({ kind: "resume", skuNo })),
    /** Switches how requests are decided, at once when `force` is set; see createModeSwitch. */
    async switchMode(skuId: string, mode: RunningMode, force = false): Promise<AdminSku> {
      if (!force) await readyFor(mode, await find(skuId))
      return applyCommand(skuId, (skuNo) => ({ kind: "switch", skuNo, mode }))
    },

    /** Adds units, or recalls them. A repeated command with the same key adds nothing and returns the SKU as it is now. */
    async restock(skuId: string, quantity: number, key = ownKey()): Promise<AdminSku> {
      const { sku_no: skuNo } = await find(skuId)
      const keyed = keyedCommand(key, ["restock", skuId, quantity])
      const { refused, earlierUse } = await deps.applyCommand(skuNo, { kind: "restock", skuNo, quantity }, keyed)
      refuseOtherUse(earlierUse)
      if (refused === "below-committed") throw new CommandRefused(refused)
      return adminSku(await find(skuId))
    },

    /**
     * Extends the holds that have not ended. A repeated command with the same key extends nothing, and returns the number of the
     * first one.
     */
    async extendHolds(skuId: string, seconds: number, key = ownKey()): Promise<HoldsExtended> {
      const { sku_id, sku_no } = await find(skuId)
      const { isSame, holdsExtended } = await deps.extendHolds(sku_no, seconds, keyedCommand(key, ["extend", skuId, seconds]))
      refuseOtherUse(isSame ? "same" : "other")
      return { sku_id, holds_extended: holdsExtended }
    },

    ...createSaleReads(deps, find),
    verify: (): Promise<Verification> => verify(deps.checkPool),
  }
}

/** What operators read of sales. */
function createSaleReads(
  { pool, endOffsets, requestsTopic, analytics }: AdminDeps,
  find: (skuId: string) => Promise<AdminSkuRow>,
) {
  return {
    /** The figures of analytics, of a SKU or of all. A SKU without events has figures, too: they are 0. */
    async analytics(skuId?: string): Promise<AnalyticsReport> {
      if (skuId !== undefined) await find(skuId)
      return readAnalytics(analytics, Date.now(), skuId)
    },

    async stats(skuId: string): Promise<SkuStats> {
      const row = await find(skuId)
      const ends = await endOffsets(requestsTopic)
      return skuStats(row, ends.get(row.partition) ?? 0)
    },

    /** A page of the SKUs, in the order of their creation. */
    async list({ cursor: after = 0, limit, status }: AdminSkuQuery): Promise<AdminSkuList> {
      // One more than is shown tells whether there is a next page.
      const rows = await readAdminSkuRows(pool, { after, limit: limit + 1, status })
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return { items: shown.map(adminSkuEntry), next: last ? skuCursor(last.sku_no) : null }
    },
  }
}

export type Administration = ReturnType<typeof createAdministration>

/** Checks every invariant, as the API and the CLI answer it. @throws PostgreSQL's errors */
export async function verify(checkPool: Pool): Promise<Verification> {
  const { ok, checks } = await checkInvariants(checkPool)
  return { ok, checks: checks.map(({ name, ok: passed, violations }) => ({ name, ok: passed, violations: [...violations] })) }
}
