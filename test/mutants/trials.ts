import { join } from "node:path"
import { createVitest, type TestModule } from "vitest/node"

export interface Verdict {
  readonly kind: "killed" | "survived" | "does not start" | "text not found"
  /** What killed it, or why it could not be tried. */
  readonly why: string
}

/** Two cores, two processes; some copies at a time, because a process keeps the templates of all it has tried. */
const processes = 2
const copiesAtOnce = 40

/** Names and messages of what a broken program throws. A test that fails by its assertion, or a synth that refuses, throws neither. */
const brokenNames = ["SyntaxError", "TypeError", "ReferenceError", "RolldownError"]
const brokenMessages =
  /^(Cannot find (module|package)|Failed to (load|resolve)|Transform failed|Parse failure)|is not exported|does not provide an export/

interface Trial {
  readonly id: string
  /** Makes the copy of the tree, below the root. */
  readonly copy: () => string
  readonly test: string
}

/** Runs a test file in each copy of the tree and tells each verdict as it comes. All copies share what their processes have loaded of CDK. */
export async function tryAll(
  root: string,
  trials: readonly Trial[],
  tell: (id: string, verdict: Verdict) => void,
): Promise<void> {
  for (let next = 0; next < trials.length; next += copiesAtOnce) {
    const some = trials.slice(next, next + copiesAtOnce)
    const byPath = new Map(some.map(({ copy, test, id }) => [join(copy(), "test/infra", `${test}.test.ts`), id]))
    const vitest = await createVitest("test", {
      root,
      config: false,
      watch: false,
      isolate: false,
      maxWorkers: processes,
      testTimeout: 120_000,
      include: ["*/test/infra/*.test.ts"],
      reporters: [{ onTestModuleEnd: (tested) => tell(byPath.get(tested.moduleId) ?? tested.moduleId, verdictOn(tested)) }],
    })
    const project = vitest.getRootProject()
    const { unhandledErrors } = await vitest.runTestSpecifications(
      [...byPath.keys()].map((path) => project.createSpecification(path)),
    )
    await vitest.close()
    if (unhandledErrors.length > 0) throw new Error("Something failed outside of any test", { cause: unhandledErrors[0] })
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
