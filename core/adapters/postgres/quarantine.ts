import type { Pool, PoolClient } from "pg"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import { int4Array } from "./binary-arrays.ts"
import { inTransaction } from "./in-transaction.ts"
import { bigint, integer, nullable, text, textArray } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import countText from "./statements/count-quarantine.sql"
import endText from "./statements/end-quarantined.sql"
import lockText from "./statements/lock-quarantined.sql"
import readText from "./statements/read-quarantine.sql"
import skuPlacesText from "./statements/read-sku-places.sql"

const readQuarantine = statement(readText, {
  topics: textArray,
  after_partition: integer,
  after_offset: bigint,
  reason: nullable(text),
  state: nullable(text),
  limit: integer,
})
const countQuarantine = statement(countText, { topics: textArray })
const lockQuarantined = statement(lockText, { topic: text, partition: integer, offset: bigint })
const endQuarantined = statement(endText, {
  ...{ topic: text, partition: integer, offset: bigint, kind: text },
  ...{ new_partition: nullable(integer), new_offset: nullable(bigint), why: nullable(text), done_by: text },
})
const readSkuPlaces = statement(skuPlacesText, { sku_nos: int4Array })

/** What an operator did with a record in quarantine. */
export type QuarantineEnd =
  | { readonly kind: "retried"; readonly movedTo: LogPosition }
  | { readonly kind: "dropped"; readonly why: string }

/** A record in quarantine. Times are microseconds of PostgreSQL's clock. */
export interface QuarantineRow extends LogPosition {
  readonly reason: string
  readonly raw: Buffer
  readonly sha256: Buffer
  readonly at: number
  readonly end?: QuarantineEnd & { readonly by: string; readonly at: number }
}

interface DatabaseRow {
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly raw: Buffer
  readonly sha256: Buffer
  readonly at: number
  readonly kind: "retried" | "dropped" | null
  readonly new_partition: number | null
  readonly new_offset: number | null
  readonly why: string | null
  readonly done_by: string | null
  readonly done_at: number | null
}

export interface QuarantineQuestion {
  readonly after: LogPosition
  readonly reason?: string | undefined
  readonly state?: "open" | "retried" | "dropped" | undefined
  readonly limit: number
}

/** The records in quarantine after a place, in the order of their offsets. @throws PostgreSQL's errors, as every function here */
export async function readQuarantined(
  client: Pool | PoolClient,
  topics: readonly string[],
  { after, reason, state, limit }: QuarantineQuestion,
): Promise<QuarantineRow[]> {
  const place = { after_partition: after.partition, after_offset: after.offset }
  const { rows } = await client.query<DatabaseRow>(readQuarantine({ topics, ...place, reason, state, limit }))
  return rows.map(quarantineRow)
}

/** The record of one place; undefined when none is in quarantine there. */
export async function quarantinedAt(
  client: Pool | PoolClient,
  topic: string,
  { partition, offset }: LogPosition,
): Promise<QuarantineRow | undefined> {
  const [row] = await readQuarantined(client, [topic], { after: { partition, offset: offset - 1 }, limit: 1 })
  return row?.partition === partition && row.offset === offset ? row : undefined
}

function quarantineRow({ partition, offset, reason, raw, sha256, at, ...end }: DatabaseRow): QuarantineRow {
  const row = { partition, offset, reason, raw, sha256, at }
  if (end.kind === null) return row
  const done = { by: end.done_by ?? "", at: end.done_at ?? 0 }
  if (end.kind === "dropped") return { ...row, end: { kind: "dropped", why: end.why ?? "", ...done } }
  const movedTo = { partition: end.new_partition ?? 0, offset: end.new_offset ?? 0 }
  return { ...row, end: { kind: "retried", movedTo, ...done } }
}

/** How many records are in quarantine, by reason. */
export interface QuarantineCount {
  readonly reason: string
  readonly open: number
  readonly retried: number
  readonly dropped: number
}

export async function countQuarantined(pool: Pool, topics: readonly string[]): Promise<QuarantineCount[]> {
  return (await pool.query<QuarantineCount>(countQuarantine({ topics }))).rows
}

/**
 * Ends a record in quarantine under a lock of its own: of two operators, the second one sees what the first one did.
 * @param end does something with the record as it is now, and returns what; undefined leaves it as it is. It is not called
 * when no record is in quarantine there. It sends its statements with the client: the pool may have no other
 */
export async function endUnderLock(
  pool: Pool,
  topic: string,
  place: LogPosition,
  by: string,
  end: (row: QuarantineRow, client: PoolClient) => Promise<QuarantineEnd | undefined>,
): Promise<void> {
  const { partition, offset } = place
  await inTransaction(pool, async (client) => {
    await client.query(lockQuarantined({ topic, partition, offset }))
    const row = await quarantinedAt(client, topic, place)
    const ended = row && (await end(row, client))
    if (ended === undefined) return
    const moved = ended.kind === "retried" ? ended.movedTo : undefined
    await client.query(
      endQuarantined({
        ...{ topic, partition, offset, kind: ended.kind, done_by: by },
        ...{ new_partition: moved?.partition, new_offset: moved?.offset },
        why: ended.kind === "dropped" ? ended.why : undefined,
      }),
    )
  })
}

/** Where the requests of a SKU go. */
export interface SkuPlace {
  readonly skuId: string
  readonly partition: number
}

/** By SKU number; absent for a SKU that does not exist. */
export async function skuPlaces(pool: Pool | PoolClient, skuNos: readonly number[]): Promise<ReadonlyMap<number, SkuPlace>> {
  if (skuNos.length === 0) return new Map()
  const { rows } = await pool.query<{ sku_no: number; sku_id: string; partition: number }>(readSkuPlaces({ sku_nos: skuNos }))
  return new Map(rows.map(({ sku_no, sku_id, partition }) => [sku_no, { skuId: sku_id, partition }]))
}
