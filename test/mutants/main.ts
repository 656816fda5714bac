import { parseArgs } from "node:util"
import { Copies } from "./copies.ts"
import type { Mutant } from "./mutant.ts"
import { mutants } from "./table.ts"
import { tryAll, type Verdict } from "./trials.ts"
import { typeErrors } from "./types.ts"

const help = `Breaks the deployment in many small ways, each in a copy of the tree. A test must fail for each of them.

  npm run mutants [-- --only <pattern>] [--list]

  --only <pattern>   only mutants whose promise, name, file or test matches the regular expression
  --list             lists the mutants and runs nothing

Exit code 0: all mutants are killed; 1: a mutant survived, does not start, or does not match its file.`

const { values } = parseArgs({
  options: { only: { type: "string" }, list: { type: "boolean" }, help: { type: "boolean", short: "h" } },
})
const describe = ({ promise, name }: Mutant) => `${promise}: ${name}`
const wanted = new RegExp(values.only ?? "", "i")
const chosen = new Map(
  mutants
    .filter((mutant) => wanted.test(`${describe(mutant)} ${mutant.file} ${mutant.killedBy}`))
    .map((mutant, index) => [`m${index + 1}`, mutant]),
)

if (values.help) console.log(help)
else if (values.list)
  for (const mutant of chosen.values()) console.log(`${describe(mutant)} (${mutant.file}, ${mutant.killedBy})`)
else process.exitCode = await run()

async function run(): Promise<number> {
  const startedMs = performance.now()
  const copies = new Copies()
  process.once("exit", () => copies.remove())
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
  const outdated = textsNotFound(copies)
  const current = new Map([...chosen].filter(([id]) => !outdated.has(id)))
  const refused = typeErrors(copies, current)
  const failing = await failingAnyway(copies)
  const verdicts = new Map<string, Verdict>()
  const record = (id: string, verdict: Verdict) => {
    verdicts.set(id, verdict)
    const mutant = chosen.get(id)
    if (mutant === undefined || failing.has(mutant.killedBy)) return
    console.log(
      `${verdicts.size}/${chosen.size} ${verdict.kind === "killed" ? "killed" : verdict.kind.toUpperCase()}  ${describe(mutant)}`,
    )
    console.log(`      ${mutant.killedBy}: ${verdict.why}`)
  }
  for (const [id, why] of outdated) record(id, { kind: "text not found", why })
  for (const [id, why] of refused) record(id, { kind: "does not start", why })
  for (const [id, { killedBy }] of chosen) {
    const why = failing.get(killedBy)
    if (why !== undefined) record(id, { kind: "does not start", why })
  }
  const runnable = [...chosen].filter(([id]) => !verdicts.has(id)).sort(([, a], [, b]) => a.killedBy.localeCompare(b.killedBy))
  await tryAll(
    copies.root,
    runnable.map(([id, mutant]) => ({ id, copy: () => copies.of(mutant, id), test: mutant.killedBy })),
    record,
  )
  return report([...verdicts.values()], performance.now() - startedMs)
}

/** Mutants whose text is not found: their file has changed. */
function textsNotFound(copies: Copies): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [id, mutant] of chosen) {
    try {
      copies.textOf(mutant)
    } catch (error) {
      found.set(id, String(error))
    }
  }
  return found
}

/** Test files that fail without a mutant: they can kill none. */
async function failingAnyway(copies: Copies): Promise<ReadonlyMap<string, string>> {
  const failing = new Map<string, string>()
  const tests = [...new Set([...chosen.values()].map(({ killedBy }) => killedBy))]
  const trials = tests.map((test) => ({ id: test, copy: () => copies.original, test }))
  await tryAll(copies.root, trials, (test, { kind, why }) => {
    if (kind === "survived") return
    failing.set(test, why)
    console.error(`${test}.test.ts fails without a mutant, so that it cannot kill any: ${why}`)
  })
  return failing
}

function report(verdicts: readonly Verdict[], tookMs: number): number {
  const count = (kind: Verdict["kind"]) => verdicts.filter((verdict) => verdict.kind === kind).length
  const rest = (["survived", "does not start", "text not found"] as const).map((kind) => `${kind}: ${count(kind)}`).join(", ")
  console.log(`\n${count("killed")} of ${chosen.size} mutants killed (${rest}) in ${(tookMs / 60_000).toFixed(1)} minutes.`)
  return count("killed") === chosen.size ? 0 : 1
}
