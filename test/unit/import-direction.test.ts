import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
let tree: string
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "import-direction-"))
  cpSync(join(root, "biome.json"), join(tree, "biome.json"))
})
afterAll(() => rmSync(tree, { recursive: true }))

/** Lints a file standing at `path` in a tree with this repository's rules. */
function lint(path: string, source: string): string {
  const file = join(tree, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, source)
  const { stdout, stderr } = spawnSync(join(root, "node_modules/.bin/biome"), ["lint", path], { cwd: tree, encoding: "utf8" })
  return stdout + stderr
}

const importing = (specifier: string) => `import { thing } from "${specifier}"\nexport const used = thing\n`

test.each([
  ["core/domain/x.ts", "../adapters/postgres/pool.ts"],
  ["core/domain/x.ts", "../workflows/x.ts"],
  ["core/domain/x.ts", "node:fs"],
  ["core/domain/x.ts", "pg"],
  ["core/contracts/x.ts", "../adapters/config.ts"],
  ["core/adapters/redis/x.ts", "../../workflows/x.ts"],
  ["core/adapters/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["core/workflows/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["lambdas/reserve/x.ts", "../../local/environment.ts"],
  ["lambdas/reserve/x.ts", "../../ops/print.ts"],
  ["lib/x.ts", "../lambdas/reserve/handler.ts"],
])("%s may not import %s", (path, specifier) => {
  expect(lint(path, importing(specifier))).toContain("noRestrictedImports")
})

test.each([
  ["core/domain/x.ts", "./ids.ts"],
  ["core/domain/x.ts", "node:crypto"],
  ["core/adapters/redis/x.ts", "../../domain/ids.ts"],
  ["core/workflows/x.ts", "../adapters/config.ts"],
  ["lambdas/reserve/x.ts", "../../core/workflows/allocation/apply-command.ts"],
  ["local/x.ts", "../lambdas/reserve/handler.ts"],
  ["ops/x.ts", "../core/runtime/environment.ts"],
])("%s may import %s", (path, specifier) => {
  expect(lint(path, importing(specifier))).not.toContain("noRestrictedImports")
})
