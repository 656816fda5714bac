import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs"
import { loadavg, release } from "node:os"
import { join } from "node:path"
import type { Pool } from "pg"
import { createLatencies } from "../rehearsal/latencies.ts"
import { machineOf } from "../rehearsal/machine.ts"
import type { Machine } from "./result.ts"

const blockBytes = 8_192
const fileBlocks = 2_048
const fsyncSeconds = 1

/** The settings that determine the cost of a commit. */
const statedSettings = [
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_sync_method",
  "wal_level",
  "shared_buffers",
  "min_wal_size",
  "max_wal_size",
  "checkpoint_timeout",
  "max_connections",
  "autovacuum",
]

/** The machine and the settings of the measurement. `folder` contains the cluster; `pool` belongs to its superuser. */
export async function describeMachine(folder: string, pool: Pool): Promise<Machine> {
  const { cores, processor, memoryMiB, node } = machineOf()
  const { rows } = await pool.query<{ name: string; value: string }>(
    "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1) ORDER BY name",
    [statedSettings],
  )
  const { rows: versions } = await pool.query<{ server_version: string }>("SHOW server_version")
  return {
    cores,
    processor,
    memory_mib: memoryMiB,
    kernel: release(),
    node,
    postgres: versions[0]?.server_version ?? "unknown",
    postgres_settings: Object.fromEntries(rows.map(({ name, value }) => [name, value])),
    file_system: fileSystemOf(folder),
    ...measureFdatasync(folder),
    load_average: loadavg()[0] ?? 0,
  }
}

/** The type and device of the file system that holds a folder, from /proc/self/mounts. */
function fileSystemOf(folder: string): string {
  const mounts = readFileSync("/proc/self/mounts", "utf8").trim().split("\n")
  const holding = mounts
    .map((line) => line.split(" "))
    .filter(([, at = ""]) => `${folder}/`.startsWith(at === "/" ? "/" : `${at}/`))
    .sort(([, a = ""], [, b = ""]) => a.length - b.length)
    .at(-1)
  const [device = "unknown", , type = "unknown"] = holding ?? []
  return `${type} on ${device}`
}

/** Writes 8 kB into an existing file and waits for the disk, repeatedly, as a single committing connection does. */
function measureFdatasync(folder: string): Pick<Machine, "fdatasync_p50_ms" | "fdatasync_per_second"> {
  const path = join(folder, "fdatasync.probe")
  const block = Buffer.alloc(blockBytes, 1)
  const file = openSync(path, "w")
  const latencies = createLatencies()
  try {
    for (let index = 0; index < fileBlocks; index += 1) writeSync(file, block, 0, blockBytes, index * blockBytes)
    fdatasyncSync(file)
    const startedMs = performance.now()
    const elapsedMs = () => performance.now() - startedMs
    for (let count = 0; elapsedMs() < fsyncSeconds * 1_000; count += 1) {
      const beginMs = performance.now()
      writeSync(file, block, 0, blockBytes, (count % fileBlocks) * blockBytes)
      fdatasyncSync(file)
      latencies.record(performance.now() - beginMs)
    }
    const { count, p50Ms } = latencies.summary()
    return { fdatasync_p50_ms: p50Ms, fdatasync_per_second: Math.round((count * 1_000) / elapsedMs()) }
  } finally {
    closeSync(file)
    rmSync(path)
  }
}
