import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

const root = new URL("../../", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")

/** Name, value, the file that sets it and the test that reaches it, for each row of docs/LIMITS.md. */
const limits = [
  ...read("docs/LIMITS.md").matchAll(/^\|[^|]+\| `(\w+)` = ([\d,]+(?: MiB)?)[^|]*\(`([^`]+)`\) \|[^|]+\| `([^`]+)` \|$/gm),
].map(([, name = "", value = "", file = "", reachedBy = ""]) => ({ name, value, file, reachedBy }))

test("the list of limits is read completely", () => {
  const lines = read("docs/LIMITS.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| what waits"))
  expect(limits).toHaveLength(lines.length)
})

test.each(limits)("$name has the value of the code, and a test reaches it", ({ name, value, file, reachedBy }) => {
  const [, set = ""] = new RegExp(`\\b${name}\\b(?: =|:) (\\d[\\d_* a-z]*)`).exec(read(file)) ?? []
  const number = set
    .split("*")
    .map((factor) => (factor.trim() === "kilobyte" ? 1_024 : Number(factor.trim().replaceAll("_", ""))))
    .reduce((product, factor) => product * factor, 1)
  const said = Number(value.replace(/,| MiB/g, "")) * (value.endsWith("MiB") ? 1_024 * 1_024 : 1)
  expect(number).toBe(said)
  expect(read(reachedBy)).toMatch(/\btest(?:\.each)?\(/)
})
