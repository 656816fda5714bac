import { rmSync } from "node:fs"
import { join } from "node:path"
import { Pool } from "pg"
import { provisionDatabase } from "../../local/provision.ts"
import { functionLogin, postgresUrl, startParts } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import type { Part } from "../../local/services/part.ts"
import { pickPort } from "../../local/services/ports.ts"
import { ownerLogin, postgresPart } from "../../local/services/postgres.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { serverTools } from "../../local/services/tools.ts"

/** A database of one contestant. */
export interface BenchDatabase {
  /** Of the login that the functions have. */
  readonly url: string
  /** Of PostgreSQL's superuser. */
  readonly superuser: Pool
  /** The server processes of the contestant's connections. */
  serverPids(): Promise<number[]>
  /** The end of the WAL, in bytes since the beginning of time. */
  walBytes(): Promise<number>
  drop(): Promise<void>
}

/** A PostgreSQL cluster of the run's own, on the disk that holds the clone, and a folder for whatever else is started. */
export interface Cluster {
  readonly folder: StateFolder
  readonly superuser: Pool
  /** Starts another server in the folder. @returns how to end it */
  start(part: Part): Promise<{ pid: number; stop(): Promise<void> }>
  /** A database as the migrations make it, or with another schema; it begins right after a checkpoint. */
  database(schema?: string): Promise<BenchDatabase>
  close(): Promise<void>
}

/** Made once and copied for every contestant. */
const migratedTemplate = "bench_migrated"
/** What the benchmark calls its own connections, which are nobody's cost. */
const ownName = "bench"
const walMessageBytes = 8 * 1_024 * 1_024

/**
 * Starts the cluster. It has the settings of the local system (local/services/postgres.ts: everything durable, 256 MB of buffers,
 * 2 GB of WAL), and no checkpoint by the clock, so that none falls into one contestant and not into the other.
 *
 * @param prewarmMb WAL written at the start: the segments of a new cluster are zeroed when they are first used, later ones
 * recycled
 */
export async function startCluster(prewarmMb: number): Promise<Cluster> {
  const folder = new StateFolder(join(defaultStateDir, "bench", `run-${process.pid}`))
  const { databaseOwnerPassword, databasePassword } = folder.secrets()
  const port = await pickPort(new Set())
  const ownerUrl = (name: string) => postgresUrl(ownerLogin, databaseOwnerPassword, port, name)
  const start = async (part: Part) => {
    const [running] = await startParts([part], folder)
    if (running === undefined) throw new Error(`${part.name} was not started`)
    return running
  }
  const server = await start(
    postgresPart(folder, serverTools(), { name: "postgres", port, ownerPassword: databaseOwnerPassword, fsync: true }),
  ).catch((error: unknown) => {
    rmSync(folder.dir, { recursive: true, force: true })
    throw error
  })
  const superuser = poolOf(ownerUrl("postgres"))
  let databases = 0

  const cluster: Cluster = {
    folder,
    superuser,
    start,
    async database(schema) {
      databases += 1
      const name = `bench_${databases}`
      await superuser.query(`CREATE DATABASE ${name} ${schema === undefined ? `TEMPLATE ${migratedTemplate}` : ""}`)
      if (schema !== undefined) await runStatements(ownerUrl(name), schema)
      const own = poolOf(ownerUrl(name))
      // Every contestant finds the same: nothing to write back, recycled segments, full-page images to pay for.
      await superuser.query("CHECKPOINT")
      return {
        url: postgresUrl(functionLogin, databasePassword, port, name),
        superuser: own,
        serverPids: () => serverPidsOf(superuser, name),
        walBytes: () => walBytesOf(superuser),
        async drop() {
          await own.end()
          await superuser.query(`DROP DATABASE ${name} WITH (FORCE)`)
        },
      }
    },
    async close() {
      await superuser.end()
      await server.stop()
      rmSync(folder.dir, { recursive: true, force: true })
    },
  }
  try {
    await provisionDatabase({ ownerUrl, database: migratedTemplate, functionPassword: databasePassword })
    await applyCommand(superuser, prewarmMb)
    return cluster
  } catch (error) {
    await cluster.close()
    throw error
  }
}

async function applyCommand(superuser: Pool, prewarmMb: number): Promise<void> {
  await superuser.query("ALTER SYSTEM SET checkpoint_timeout = '1h'")
  await superuser.query("ALTER SYSTEM SET min_wal_size = '1GB'")
  await superuser.query("SELECT pg_reload_conf()")
  for (let bytes = 0; bytes < prewarmMb * 1_024 * 1_024; bytes += walMessageBytes) {
    await superuser.query("SELECT pg_logical_emit_message(false, 'prewarm', repeat('x', $1))", [walMessageBytes])
  }
  // The first makes the old segments superfluous, the second recycles them.
  await superuser.query("CHECKPOINT")
  await superuser.query("SELECT pg_switch_wal()")
  await superuser.query("CHECKPOINT")
}

function poolOf(connectionString: string): Pool {
  const pool = new Pool({ connectionString, max: 2, application_name: ownName })
  pool.on("error", () => {})
  return pool
}

async function serverPidsOf(superuser: Pool, database: string): Promise<number[]> {
  const { rows } = await superuser.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> $2",
    [database, ownName],
  )
  return rows.map(({ pid }) => pid)
}

async function walBytesOf(superuser: Pool): Promise<number> {
  const { rows } = await superuser.query<{ bytes: string }>("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes")
  return Number(rows[0]?.bytes ?? 0)
}
