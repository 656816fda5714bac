import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { join } from "node:path"
import type { Measured } from "../../core/contracts/measured.ts"
import { measuredOf, partsIn } from "./history.ts"

/** Reads what the parts have measured since the last call. */
export interface FollowedHistory {
  next(): Measured[]
}

interface Position {
  inode: number
  offset: number
}

/**
 * Follows the histories of all parts, without reading anything twice. What a part wrote just before its file was replaced may be
 * missed.
 * @param folder of historyFolder
 * @param startBytes how much of the end of each file the first call reads
 */
export function followHistory(folder: string, startBytes: number): FollowedHistory {
  const positions = new Map<string, Position>()

  function linesOf(part: string): string[] {
    const file = openSync(join(folder, `${part}.jsonl`), "r")
    try {
      const { ino, size } = fstatSync(file)
      const known = positions.get(part)
      const isFirst = known === undefined
      const start = isFirst ? Math.max(0, size - startBytes) : known.inode === ino ? known.offset : 0
      const chunk = Buffer.alloc(Math.max(0, size - start))
      readSync(file, chunk, 0, chunk.length, start)
      // A line that is still being written is read next time.
      const complete = chunk.lastIndexOf("\n") + 1
      positions.set(part, { inode: ino, offset: start + complete })
      const lines = chunk.subarray(0, complete).toString("utf8").split("\n").slice(0, -1)
      return isFirst && start > 0 ? lines.slice(1) : lines
    } finally {
      closeSync(file)
    }
  }

  return {
    next: () =>
      partsIn(folder)
        .flatMap(linesOf)
        .flatMap((line) => measuredOf(line) ?? []),
  }
}
