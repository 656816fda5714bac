import { join } from "node:path"
import { createVitest, type TestModule } from "vitest/node"

export interface Verdict {
  readonly kind: "killed" | "survived" | "does not start" | "text not found"
  /** The test that killed the mutant, or the reason why it could not run. */
  readonly why: string
}

/** Two processes for two cores. Copies run in groups, because a process keeps the templates of every copy it ran. */
const processes = 2
const copiesAtOnce = 40

/** Names and messages of errors of a program that does not run. A failed assertion, or a synth that refuses, has neither. */
const brokenNames = ["SyntaxError", "TypeError", "ReferenceError", "RolldownError"]
const brokenMessages =
  /^(Cannot find (module|package)|Failed to (load|resolve)|Transform failed|Parse failure)|is not exported|does not provide an export/

interface Trial {
  readonly id: string
  /** Makes the copy of the tree, below the root. */
  readonly copy: () => string
  readonly test: string
}

/** Runs a test file in each copy of the tree and reports each verdict at once. The copies of a process share the loaded CDK. */
export async function tryAll(
  root: string,
  trials: readonly Trial[],
  report: (id: string, verdict: Verdict) => void,
): Promise<void> {
  for (let next = 0; next < trials.length; next += copiesAtOnce) {
    const group = trials.slice(next, next + copiesAtOnce)
    const byPath = new Map(group.map(({ copy, test, id }) => [join(copy(), "test/infra", `${test}.test.ts`), id]))
    const vitest = await createVitest("test", {
      root,
      config: false,
      watch: false,
      isolate: false,
      maxWorkers: processes,
      testTimeout: 120_000,
      include: ["*/test/infra/*.test.ts"],
      reporters: [{ onTestModuleEnd: (tested) => report(byPath.get(tested.moduleId) ?? tested.moduleId, verdictOn(tested)) }],
    })
    const project = vitest.getRootProject()
    const { unhandledErrors } = await vitest.runTestSpecifications(
      [...byPath.keys()].map((path) => project.createSpecification(path)),
    )
    await vitest.close()
    if (unhandledErrors.length > 0) throw new Error("An error was thrown outside of any test", { cause: unhandledErrors[0] })
  }
}

function verdictOn(tested: TestModule): Verdict {
  const failed = [...tested.children.allTests("failed")].map((test) => ({
    at: test.fullName,
    errors: test.result().errors ?? [],
  }))
  const failures = [{ at: "before any test", errors: tested.errors() }, ...failed].flatMap(({ at, errors }) =>
    errors.map(({ name = "Error", message }) => ({ at, name, message: message.split("\n")[0] ?? "" })),
  )
  const refused = failures.find(({ name, message }) => !brokenNames.includes(name) && !brokenMessages.test(message))
  if (refused) return { kind: "killed", why: refused.at === "before any test" ? refused.message : refused.at }
  const [broken] = failures
  if (broken) return { kind: "does not start", why: `${broken.name}: ${broken.message}` }
  const ran = [...tested.children.allTests("passed")].length
  return ran > 0 ? { kind: "survived", why: `${ran} tests pass` } : { kind: "does not start", why: "no test ran" }
}
