import type { Pool } from "pg"
import { bigint, bytes, integer, nullable, text } from "../postgres/parameter-types.ts"
import { statement } from "../postgres/statement.ts"
import archiveText from "../postgres/statements/analytics-archive.sql"
import beginGenerationText from "../postgres/statements/analytics-begin-generation.sql"
import generationText from "../postgres/statements/analytics-generation.sql"
import insertText from "../postgres/statements/analytics-insert.sql"
import readText from "../postgres/statements/analytics-read.sql"
import readArchiveText from "../postgres/statements/analytics-read-archive.sql"
import replaceText from "../postgres/statements/analytics-replace.sql"
import { decodeState, encodeState } from "./state-codec.ts"
import type { AnalyticsStore, StoredPartition } from "./store.ts"

const stored = {
  group_name: text,
  partition: integer,
  generation: integer,
  revision: bigint,
  next_offset: nullable(bigint),
  state: bytes,
}

const readGeneration = statement(generationText, { group_name: text })
const beginGeneration = statement(beginGenerationText, { group_name: text, generation: integer })
const readPartitions = statement(readText, { group_name: text, partition: nullable(integer) })
const readArchived = statement(readArchiveText, { group_name: text, generation: integer })
const insertPartition = statement(insertText, stored)
const replacePartition = statement(replaceText, stored)
const archivePartition = statement(archiveText, stored)

interface PartitionRow {
  readonly partition: number
  readonly generation: number
  readonly revision: string
  readonly next_offset: string | null
  readonly state: Buffer
}

/** Keeps the figures of a group in PostgreSQL. @param pool connections of the analytics role */
export function createPostgresStore(pool: Pool, group: string): AnalyticsStore {
  const parametersOf = ({ partition, generation, revision, state }: StoredPartition) => ({
    group_name: group,
    ...{ partition, generation, revision },
    next_offset: state.nextOffset,
    state: encodeState(state),
  })
  return {
    async readGeneration() {
      const { rows } = await pool.query<{ generation: number }>(readGeneration({ group_name: group }))
      return rows[0]?.generation ?? 1
    },
    async beginGeneration(generation) {
      const { rowCount } = await pool.query(beginGeneration({ group_name: group, generation }))
      return rowCount === 1
    },
    async read(partition) {
      const { rows } = await pool.query<PartitionRow>(readPartitions({ group_name: group, partition }))
      return rows.map(storedPartition)[0]
    },
    async readAll() {
      const { rows } = await pool.query<PartitionRow>(readPartitions({ group_name: group, partition: undefined }))
      return rows.map(storedPartition)
    },
    async write(next) {
      const store = next.revision === 1 ? insertPartition : replacePartition
      const { rowCount } = await pool.query(store(parametersOf(next)))
      return rowCount === 1
    },
    async archive(last) {
      await pool.query(archivePartition(parametersOf(last)))
    },
    async readArchive(generation) {
      const { rows } = await pool.query<PartitionRow>(readArchived({ group_name: group, generation }))
      return rows.map(storedPartition)
    },
  }
}

const storedPartition = ({ partition, generation, revision, next_offset, state }: PartitionRow): StoredPartition => ({
  ...{ partition, generation },
  revision: Number(revision),
  state: decodeState(state, next_offset === null ? undefined : Number(next_offset)),
})
