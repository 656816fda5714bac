import { globSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { problems } from "../../../core/contracts/problems.ts"

const reached = globSync("test/{integration,faults}/**/*.test.ts")
  .map((file) => readFileSync(file, "utf8"))
  .join("\n")

test.each(Object.keys(problems))("%s is answered in a test of real functions", (slug) => {
  expect(reached.includes(`"${slug}"`) || reached.includes(`/problems/${slug}"`)).toBe(true)
})
