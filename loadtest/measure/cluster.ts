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
  /** With the login of the functions. */
  readonly url: string
  /** With the login of PostgreSQL's superuser. */
  readonly superuser: Pool
  /** The server processes of the contestant's connections. */
  serverPids(): Promise<number[]>
  /** The end of the WAL, in bytes since the creation of the cluster. */
  walBytes(): Promise<number>
  drop(): Promise<void>
}

/** The run's own PostgreSQL cluster, on the disk of the clone, and a folder for the other servers. */
export interface Cluster {
  readonly folder: StateFolder
  readonly superuser: Pool
  /** Starts another server in the folder. @returns a function that ends it */
  start(part: Part): Promise<{ pid: number; stop(): Promise<void> }>
  /** Creates a database with the schema of the migrations, or with another one. It begins right after a checkpoint. */
  database(schema?: string): Promise<BenchDatabase>
  close(): Promise<void>
}

/** Created once and copied for every contestant. */
const migratedTemplate = "bench_migrated"
/** The name of the benchmark's own connections, whose cost counts for no contestant. */
const ownName = "bench"
const walMessageBytes = 8 * 1_024 * 1_024

/**
 * Starts the cluster. It has the settings of the local system (local/services/postgres.ts: everything durable, 256 MB of buffers,
 * 2 GB of WAL), and no timed checkpoint: it would slow down one contestant and not the others.
 *
 * @param prewarmMb WAL written at the start: new segments are filled with zeros at their first use, later
 * ones are recycled
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
      // Every contestant starts in the same state: no dirty pages, recycled segments, and full-page images still to write.
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
  // After the first the old segments are not needed, and the second recycles them.
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
