import { globSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"

const sources = globSync("{core,lambdas}/**/*.ts").map((file) => ({ file, text: readFileSync(file, "utf8") }))

/** Files that encode answers: the adapters of HTTP and of operators' commands, and the answer of a function. */
const isEncoder = (file: string) =>
  /^core\/adapters\/(?:http|operations)\//.test(file) || /^lambdas\/[^/]+\/answers?\.ts$/.test(file)

/** Statements that import a value of the closed list of problems; types of slugs may be imported anywhere. */
function importsProblems(text: string): boolean {
  const imports = text.matchAll(/^import (type )?\{([^}]*)\} from "[^"]*\/contracts\/problems\.ts"/gm)
  return [...imports].some(([, isType, names = ""]) => !isType && names.split(",").some((name) => !/^\s*(type |$)/.test(name)))
}

test("a problem is made only where answers are encoded", () => {
  const makers = sources.filter(
    ({ file, text }) => /\bproblem\(|new ProblemError\(/.test(text) && file !== "core/contracts/problems.ts",
  )
  expect(makers.map(({ file }) => file).filter((file) => !isEncoder(file))).toEqual([])
})

test("only the contracts, the adapters that encode answers and the functions read the closed list of problems", () => {
  const readers = sources.filter(({ text }) => importsProblems(text)).map(({ file }) => file)
  const allowed = /^(core\/contracts|core\/adapters\/(?:http|operations)|lambdas)\//
  expect(readers.filter((file) => !allowed.test(file))).toEqual([])
  expect(readers.length).toBeGreaterThan(5)
})

test("the domain knows no contract, no adapter and no HTTP", () => {
  const domain = sources.filter(({ file }) => file.startsWith("core/domain/"))
  expect(
    domain.filter(({ text }) => /from "\.\.\/(contracts|adapters|workflows|runtime)/.test(text)).map(({ file }) => file),
  ).toEqual([])
})
