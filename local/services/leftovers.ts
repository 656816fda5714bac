import { stopGraceMs } from "./launch.ts"
import { end, isAlive, readRecords, removeRecord } from "./run-record.ts"
import type { StateFolder } from "./state-folder.ts"

/**
 * Ends the processes that a killed supervisor left: only those that the folder recorded and that still are the same processes. It
 * ends them all at once: no client is served any more, so no order is needed.
 *
 * @returns the names of the parts that were alive.
 */
export async function endLeftovers(folder: StateFolder): Promise<string[]> {
  const records = readRecords(folder).filter(({ pid }) => pid !== process.pid)
  const alive = records.filter(isAlive)
  await Promise.all(alive.map((record) => end(record, stopGraceMs)))
  for (const record of records) removeRecord(folder, record.part)
  return alive.map(({ part }) => part)
}
