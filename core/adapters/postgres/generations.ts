import type { Pool, PoolClient } from "pg"
import { inTransaction } from "./in-transaction.ts"
import { boolean, integer, text, textArray } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import endGenerationText from "./statements/end-generation.sql"
import endWatermarksText from "./statements/end-watermarks.sql"
import lockGenerationText from "./statements/lock-generation.sql"
import acceptingText from "./statements/read-accepting-sales.sql"
import generationsText from "./statements/read-generations.sql"
import livingText from "./statements/read-living-generations.sql"

const readGenerationRows = statement(generationsText, { topics: textArray })
const readLiving = statement(livingText, {})
const readAccepting = statement(acceptingText, {})
const lockGeneration = statement(lockGenerationText, { topic: text })
const endWatermarks = statement(endWatermarksText, { topic: text })
const noteEnd = statement(endGenerationText, { generation: integer, topic: text, lost: boolean, ended_by: text })

/** A generation of the request log, as PostgreSQL knows it. Offsets count over all generations. */
export interface Generation {
  readonly generation: number
  readonly topic: string
  /** By partition: the first record that is not decided. */
  readonly watermarks: ReadonlyMap<number, number>
  /** The operator that ended it, and when, in microseconds. `lost`: its records from the watermarks on are not decided. */
  readonly ended?: { readonly lost: boolean; readonly by: string; readonly at: number }
}

interface GenerationRow {
  readonly generation: number
  readonly topic: string
  readonly partition: number
  readonly next_offset: number
  readonly lost: boolean | null
  readonly ended_by: string | null
  readonly ended_at: number | null
}

/** The generations of these topics that have watermarks, the first one first. @throws PostgreSQL's errors, as all here */
export async function readGenerations(pool: Pool, topics: readonly string[]): Promise<Generation[]> {
  const { rows } = await pool.query<GenerationRow>(readGenerationRows({ topics }))
  return [...Map.groupBy(rows, ({ generation }) => generation)].map(([generation, [first, ...others]]) => {
    const watermarks = new Map([first, ...others].flatMap((row) => (row ? [[row.partition, row.next_offset] as const] : [])))
    const known = { generation, topic: first?.topic ?? "", watermarks }
    if (first?.ended_at == null) return known
    return { ...known, ended: { lost: first.lost === true, by: first.ended_by ?? "", at: first.ended_at } }
  })
}

/** The SKUs whose sale puts requests into the queue, now or soon; at most 20. */
export async function acceptingSales(client: Pool | PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ sku_id: string }>(readAccepting({}))
  return rows.map(({ sku_id }) => sku_id)
}

/**
 * Says under the locks why a generation may not end; undefined lets it end. It sends its statements with the client: the pool may
 * have no other.
 */
type Refuses<Refusal> = (watermarks: ReadonlyMap<number, number>, client: PoolClient) => Promise<Refusal | undefined>

/** The end of a generation, as it is noted. */
interface EndedGeneration {
  readonly generation: number
  readonly topic: string
  readonly lost: boolean
  readonly by: string
}

/**
 * Ends a generation under the locks of its watermarks: no batch of the writer is under way, and none commits after it.
 * @returns the refusal; then nothing has changed
 */
export const endGeneration = <Refusal>(
  pool: Pool,
  asked: EndedGeneration,
  refusal: Refuses<Refusal>,
): Promise<Refusal | undefined> => inTransaction(pool, (client) => endLocked(client, asked, refusal))

async function endLocked<Refusal>(
  client: PoolClient,
  { generation, topic, lost, by }: EndedGeneration,
  refusal: Refuses<Refusal>,
): Promise<Refusal | undefined> {
  const { rows } = await client.query<{ partition: number; next_offset: number; ended: boolean }>(lockGeneration({ topic }))
  // A repeated command, or one of two operators: it has ended already.
  if (rows.some(({ ended }) => ended)) return undefined
  const refused = await refusal(new Map(rows.map(({ partition, next_offset }) => [partition, next_offset])), client)
  if (refused !== undefined) return refused
  await client.query(endWatermarks({ topic }))
  await client.query(noteEnd({ generation, topic, lost, ended_by: by }))
  return undefined
}

/**
 * Refuses to provision a generation of the request log while an earlier one has not ended, or after a later one has begun: its
 * requests would be decided before older ones, or would use offsets again.
 * @throws Error that says what to do
 */
export async function requireGeneration(pool: Pool, generation: number): Promise<void> {
  const { rows } = await pool.query<{ generation: number; topic: string; ended: boolean }>(readLiving({}))
  const later = rows.find((known) => known.generation > generation)
  if (later !== undefined) {
    throw new Error(
      `The requests are at generation ${later.generation} (${later.topic}), so generation ${generation} cannot be provisioned: a generation never goes back. Set requestsGeneration to ${later.generation}.`,
    )
  }
  const open = rows.find((known) => known.generation < generation && !known.ended)
  if (open !== undefined) {
    throw new Error(
      `Generation ${open.generation} of the requests (${open.topic}) has not ended, so generation ${generation} cannot begin. End it first: npm run ops -- generation move.`,
    )
  }
}
