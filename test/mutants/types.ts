import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Copies } from "./copies.ts"
import type { Mutant } from "./mutant.ts"

/** The mutants that TypeScript refuses, with its errors. A mutant that cannot be deployed proves nothing about the tests. */
export function typeErrors(copies: Copies, mutants: ReadonlyMap<string, Mutant>): ReadonlyMap<string, string> {
  const ids = new Map([...mutants].map(([id, mutant]) => [copies.beside(mutant, id), id]))
  const config = join(copies.root, "tsconfig.mutants.json")
  writeFileSync(config, JSON.stringify({ extends: "./tsconfig.json", include: [], files: [...ids.keys()] }))
  const { stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", config], {
    cwd: copies.root,
    encoding: "utf8",
  })
  const errors = new Map<string, string>()
  for (const [, file = "", text = ""] of stdout.matchAll(/^(.+?)\(\d+,\d+\): (error TS.+)$/gm)) {
    const id = /\.(m\d+)\.ts$/.exec(file)?.[1]
    if (id === undefined) throw new Error(`The tree does not compile even without a mutant: ${file}: ${text}`)
    errors.set(id, text)
  }
  for (const path of ids.keys()) copies.remove(path)
  return errors
}
