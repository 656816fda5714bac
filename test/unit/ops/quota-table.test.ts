import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { stages } from "../../../lib/stages.ts"
import { quotasOf, quotaTable } from "../../../ops/quotas.ts"

const path = fileURLToPath(new URL("../../../docs/DEPLOY.md", import.meta.url))
const begin = "<!-- quotas -->\n"
const end = "\n<!-- /quotas -->"

test("docs/DEPLOY.md has the table of quotas that the code computes (write it with `npm test -- test/unit/ops/quota-table.test.ts -u`)", async () => {
  const document = readFileSync(path, "utf8")
  const [before = "", rest = ""] = document.split(begin)
  const after = rest.slice(rest.indexOf(end.trimStart()))
  expect(after).toContain(end.trimStart())
  await expect(`${before}${begin}${quotaTable(Object.values(stages))}\n${after}`).toMatchFileSnapshot(path)
})

test("a number above the default is in bold, one below is not, and a stage without the part has none", () => {
  const [, , first = "", ...others] = quotaTable([stages.dev, stages.prod]).split("\n")
  expect(first).toBe("| functions at the same time | lambda L-B99A9384 | 1,000 | 300 | **5,000** |")
  expect(others.find((line) => line.includes("brokers in eu-west-1"))).toMatch(/\| - \| 3 \|$/)
})

test("as data, a need says which number to request, or that none has to be", () => {
  const requests = Object.fromEntries(quotasOf(stages.prod).map(({ item, request }) => [item, request]))
  expect(requests["functions at the same time"]).toBe(5_000)
  expect(requests.brokers).toBeNull()
})
