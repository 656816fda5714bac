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

/** Lints files, given by their paths, in a tree with this repository's rules. */
function lint(files: Readonly<Record<string, string>>): string {
  for (const [path, source] of Object.entries(files)) {
    const file = join(tree, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, source)
  }
  const biome = join(root, "node_modules/.bin/biome")
  const { stdout, stderr } = spawnSync(biome, ["lint", ...Object.keys(files)], { cwd: tree, encoding: "utf8" })
  return stdout + stderr
}

const importing = (specifier: string) => `import { thing } from "${specifier}"\nexport const used = thing\n`

test.each([
  ["core/domain/x.ts", "../adapters/postgres/pool.ts"],
  ["core/domain/x.ts", "../workflows/allocation/apply-command.ts"],
  ["core/domain/x.ts", "../concurrency/parallel.ts"],
  ["core/domain/x.ts", "../runtime/lifecycle.ts"],
  ["core/domain/x.ts", "node:fs"],
  ["core/domain/x.ts", "pg"],
  ["core/contracts/x.ts", "../adapters/config.ts"],
  ["core/contracts/x.ts", "../concurrency/parallel.ts"],
  ["core/contracts/x.ts", "../runtime/lifecycle.ts"],
  ["core/concurrency/x.ts", "../contracts/problems.ts"],
  ["core/concurrency/x.ts", "../domain/ids.ts"],
  ["core/concurrency/x.ts", "../adapters/redis/client.ts"],
  ["core/concurrency/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["core/adapters/redis/x.ts", "../../workflows/allocation/apply-command.ts"],
  ["core/adapters/x.ts", "../workflows/allocation/apply-command.ts"],
  ["core/adapters/redis/x.ts", "../../runtime/lifecycle.ts"],
  ["core/adapters/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["core/workflows/allocation/x.ts", "../../runtime/lifecycle.ts"],
  ["core/workflows/x.ts", "../runtime/lifecycle.ts"],
  ["core/workflows/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["core/runtime/x.ts", "../../lambdas/reserve/workflow.ts"],
  ["core/runtime/x.ts", "../../local/environment.ts"],
  ["lambdas/reserve/x.ts", "../../local/environment.ts"],
  ["lambdas/reserve/x.ts", "../../ops/print.ts"],
  ["web/src/machine/x.ts", "../../../core/domain/decide.ts"],
  ["web/src/effects/x.ts", "../../../local/environment.ts"],
  ["web/src/views/x.ts", "node:fs"],
  ["lib/x.ts", "../lambdas/reserve/handler.ts"],
  ["lib/x.ts", "../core/domain/ids.ts"],
  ["lib/constructs/x.ts", "../../core/runtime/lifecycle.ts"],
])("%s may not import %s", (path, specifier) => {
  expect(lint({ [path]: importing(specifier) })).toContain("noRestrictedImports")
})

test.each([
  ["core/domain/x.ts", "./ids.ts"],
  ["core/domain/x.ts", "node:crypto"],
  ["core/contracts/http/x.ts", "../../domain/currencies.ts"],
  ["core/concurrency/x.ts", "./backoff.ts"],
  ["core/concurrency/x.ts", "../domain/errors.ts"],
  ["core/concurrency/x.ts", "node:async_hooks"],
  ["core/adapters/redis/x.ts", "../../domain/ids.ts"],
  ["core/adapters/redis/x.ts", "../../concurrency/batch-per-tick.ts"],
  ["core/workflows/x.ts", "../adapters/config.ts"],
  ["core/workflows/allocation/x.ts", "../../adapters/postgres/pool.ts"],
  ["core/workflows/allocation/x.ts", "../../concurrency/parallel.ts"],
  ["core/runtime/x.ts", "../adapters/postgres/pool.ts"],
  ["core/runtime/x.ts", "../workflows/allocation/apply-command.ts"],
  ["lambdas/reserve/x.ts", "../../core/workflows/allocation/apply-command.ts"],
  ["lambdas/reserve/x.ts", "../../core/runtime/reserve-runtime.ts"],
  ["lib/constructs/x.ts", "../../core/contracts/topics.ts"],
  ["local/x.ts", "../lambdas/reserve/handler.ts"],
  ["ops/x.ts", "../core/runtime/environment.ts"],
])("%s may import %s", (path, specifier) => {
  expect(lint({ [path]: importing(specifier) })).not.toContain("noRestrictedImports")
})

const value = (name: string, from: string) => `import { ${from} } from "./${from}.ts"\nexport const ${name} = () => ${from}\n`
const type = (name: string, from: string) => `import type { ${from} } from "./${from}.ts"\nexport type ${name} = ${from}[]\n`

test.each([
  ["two files", { "ops/a.ts": value("a", "b"), "ops/b.ts": value("b", "a") }],
  ["three files", { "ops/a.ts": value("a", "b"), "ops/b.ts": value("b", "c"), "ops/c.ts": value("c", "a") }],
  ["types only", { "ops/a.ts": type("a", "b"), "ops/b.ts": type("b", "a") }],
])("a circle of imports is found: %s", (_, files) => {
  expect(lint(files)).toContain("noImportCycles")
})

test("imports in one direction are no circle", () => {
  const files = { "ops/a.ts": value("a", "b"), "ops/b.ts": value("b", "c"), "ops/c.ts": "export const c = 1\n" }
  expect(lint(files)).not.toContain("noImportCycles")
})

const environment = "export const stage = process.env.STAGE\n"

test.each(["domain", "contracts", "concurrency", "adapters", "workflows"])("core/%s does not read the environment", (folder) => {
  expect(lint({ [`core/${folder}/x.ts`]: environment })).toContain("noProcessEnv")
})

test.each(["core/runtime/x.ts", "lambdas/reserve/x.ts", "local/x.ts"])("%s may read the environment", (path) => {
  expect(lint({ [path]: environment })).not.toContain("noProcessEnv")
})
