import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readAnalyticsRun } from "../analytics/result.ts"
import { readColdRun } from "../cold/result.ts"
import { readInitRun } from "../init/result.ts"
import { readRun } from "../measure/result.ts"
import { readPathRun } from "../path/result.ts"

const resultsFolder = fileURLToPath(new URL("../results", import.meta.url))

/** The reader for the run of each command. The name of a kept file ends with the kind. */
const readers = { writer: readRun, path: readPathRun, cold: readColdRun, init: readInitRun, analytics: readAnalyticsRun }
export type RunKind = keyof typeof readers
type RunOf<Kind extends RunKind> = ReturnType<(typeof readers)[Kind]>

/** The command that wrote a file. @throws when the file does not exist or is not JSON */
export function kindOf(file: string): RunKind {
  const { results } = JSON.parse(readFileSync(file, "utf8")) as { results?: { name?: string }[] }
  const name = results?.[0]?.name
  if (name === "json-loop") return "analytics"
  return name === "path" || name === "cold" || name === "init" ? name : "writer"
}

/** Runs of a kind that were kept, the oldest first; the names of the files begin with their dates. */
export function keptRuns<Kind extends RunKind>(kind: Kind, folder = resultsFolder): RunOf<Kind>[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((name) => name.endsWith(`-${kind}.json`))
  return files.sort().map((name) => readRunOf(kind, join(folder, name)))
}

/** @throws when the file does not exist or has other content */
export const readRunOf = <Kind extends RunKind>(kind: Kind, file: string): RunOf<Kind> => readers[kind](file) as RunOf<Kind>

/** Keeps a run under its date. @returns the file */
export function keepRun<Kind extends RunKind>(kind: Kind, run: RunOf<Kind>, folder = resultsFolder): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${run.at.replaceAll(":", "").replace(/\.\d+Z$/, "Z")}-${kind}.json`)
  writeFileSync(file, `${JSON.stringify(run, undefined, 2)}\n`)
  return file
}
