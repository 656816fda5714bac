import { closeSync, fstatSync, openSync, readSync } from "node:fs"

const shownLines = 15

/** What was appended to a file after `offset` bytes. */
export function textSince(path: string, offset: number): string {
  const file = openSync(path, "r")
  try {
    const buffer = Buffer.alloc(Math.max(0, fstatSync(file).size - offset))
    return buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, offset))
  } finally {
    closeSync(file)
  }
}

/** The part of a log that fits into an error message. */
export const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-shownLines).join("\n")
