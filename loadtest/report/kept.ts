import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Run, readRun } from "../measure/result.ts"

const resultsFolder = fileURLToPath(new URL("../results", import.meta.url))

/** Runs that were kept, the oldest first; the names of the files begin with their dates. */
export function keptRuns(folder = resultsFolder): { readonly file: string; readonly run: Run }[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((name) => name.endsWith("-writer.json"))
  return files.sort().map((name) => ({ file: join(folder, name), run: readRun(join(folder, name)) }))
}

/** Keeps a run under its date. @returns the file */
export function keepRun(run: Run, folder = resultsFolder): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${run.at.replaceAll(":", "").replace(/\.\d+Z$/, "Z")}-writer.json`)
  writeFileSync(file, `${JSON.stringify(run, undefined, 2)}\n`)
  return file
}
