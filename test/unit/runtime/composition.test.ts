import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const filesOf = (pattern: string) => globSync(pattern, { cwd: root }).sort()
const textOf = (file: string) => readFileSync(`${root}/${file}`, "utf8")

test("of all parts of a function, only core/runtime reads the environment", () => {
  const files = filesOf("{core,lambdas}/**/*.ts")
  expect(files.length).toBeGreaterThan(200)
  const readers = files.filter((file) =>
    /process\s*\.\s*env|process\s*\[|import\("node:process"\)|from "node:process"/.test(textOf(file)),
  )
  expect(readers.filter((file) => !file.startsWith("core/runtime/"))).toEqual([])
  expect(readers).not.toEqual([])
})

test("adapters and workflows do not know how they are wired", () => {
  const files = filesOf("core/{adapters,concurrency,contracts,domain,workflows}/**/*.ts")
  expect(files.filter((file) => /from "[./]*\/runtime\//.test(textOf(file)))).toEqual([])
})

test.each(filesOf("lambdas/*/handler.ts"))("%s exports its handler and its runtime", (file) => {
  expect(textOf(file)).toMatch(/^export (const|(async )?function) handler\b/m)
  expect(textOf(file)).toMatch(/^export (const runtime = |\{ runtime \})/m)
})
