import { stopGraceMs } from "./launch.ts"
import { end, isAlive, readRecords, removeRecord } from "./run-record.ts"
import type { StateFolder } from "./state-folder.ts"

/**
 * Ends what a supervisor left behind when it was killed: only processes that the folder recorded and that are those very
 * processes still. All at once: nobody is served any more, so there is nothing to finish in order.
 *
 * @returns the names of the parts that were still alive.
 */
export async function endLeftovers(folder: StateFolder): Promise<string[]> {
  const records = readRecords(folder).filter(({ pid }) => pid !== process.pid)
  const alive = records.filter(isAlive)
  await Promise.all(alive.map((record) => end(record, stopGraceMs)))
  for (const record of records) removeRecord(folder, record.part)
  return alive.map(({ part }) => part)
}
