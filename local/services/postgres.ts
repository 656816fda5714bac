import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { Client } from "pg"
import { type Part, plainEnvironment } from "./part.ts"
import type { StateFolder } from "./state-folder.ts"
import type { Tools } from "./tools.ts"
import { type Unprivileged, unprivileged } from "./unprivileged.ts"

const run = promisify(execFile)
const versionFile = "PG_VERSION"
const answerTimeoutMs = 1_000

export const ownerLogin = "postgres"

export interface PostgresOptions {
  readonly name: string
  readonly port: number
  readonly ownerPassword: string
  /** False only for tests that never lose the machine's power: a killed process loses nothing either way. */
  readonly fsync: boolean
  /** 100 when absent. */
  readonly maxConnections?: number
}

/** PostgreSQL with its own data directory, reachable over the loopback interface alone. */
export function postgresPart(folder: StateFolder, tools: Tools, options: PostgresOptions): Part {
  const { name, port, ownerPassword, fsync, maxConnections = 100 } = options
  const data = folder.path(name)
  const server = join(tools.postgresBin, "postgres")
  const user = unprivileged(folder.dir, server)
  const settings = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: String(maxConnections),
    shared_buffers: "256MB",
    fsync: fsync ? "on" : "off",
    synchronous_commit: "on",
    // A checkpoint in the middle of a rehearsal would be measured as the writer's latency.
    max_wal_size: "2GB",
    log_lock_waits: "on",
    ...(hasStatementStatistics(tools) && { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track": "all" }),
    timezone: "UTC",
  }
  const [file = "", ...args] = [
    ...user.prefix,
    ...[server, "-D", data],
    ...Object.entries(settings).flatMap(([setting, value]) => ["-c", `${setting}=${value}`]),
  ]
  return {
    name,
    port,
    stopSignal: "SIGINT",
    command: { file, args, env: plainEnvironment() },
    prepare: () => initialise(data, tools, user, options),
    isHealthy: () => answersQuery(`postgres://${ownerLogin}:${ownerPassword}@127.0.0.1:${port}/postgres`),
  }
}

/**
 * PostgreSQL does not start with a library that is not installed: some packages come without the contributed ones. Debian has its
 * libraries in `lib`, the npm package in `lib/postgresql`.
 */
const hasStatementStatistics = ({ postgresBin }: Tools): boolean =>
  ["lib", join("lib", "postgresql")].some((lib) => existsSync(join(postgresBin, "..", lib, "pg_stat_statements.so")))

/** Makes the data directory beside its place and moves it there when it is whole. */
async function initialise(data: string, tools: Tools, user: Unprivileged, options: PostgresOptions): Promise<void> {
  if (existsSync(data)) return await refuseOtherVersion(data, tools)
  const draft = `${data}.new`
  const passwordFile = `${data}.password`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, options.ownerPassword, { mode: 0o600 })
  user.own(draft)
  user.own(passwordFile)
  const [file = "", ...args] = [
    ...user.prefix,
    ...[join(tools.postgresBin, "initdb"), "-D", draft, "-U", ownerLogin, "--pwfile", passwordFile],
    ...["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"],
    ...(options.fsync ? [] : ["--no-sync"]),
  ]
  try {
    await run(file, args, { env: plainEnvironment() })
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(draft, data)
}

/** A new major version does not read the files of an older one, and says so only in its log. @throws Error what to do instead */
async function refuseOtherVersion(data: string, { postgresBin }: Tools): Promise<void> {
  const written = readFileSync(join(data, versionFile), "utf8").trim()
  const { stdout } = await run(join(postgresBin, "postgres"), ["--version"], { env: plainEnvironment() })
  const [, major] = /\(PostgreSQL\) (\d+)/.exec(stdout) ?? []
  if (written === major) return
  throw new Error(
    `PostgreSQL ${written} wrote ${data}, and this PostgreSQL ${major} cannot read it. Delete the data of this clone with \`npm run clean\`, or keep the old version with FLASH_SALE_POSTGRES=installed (docs/LOCAL.md)`,
  )
}

async function answersQuery(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: answerTimeoutMs, query_timeout: answerTimeoutMs })
  // A server that goes away while the connection is closing is not this check's concern.
  client.on("error", () => {})
  try {
    await client.connect()
    await client.query("SELECT 1")
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
