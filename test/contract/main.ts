import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { createApiClient } from "../../local/admin-client.ts"
import { tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { type Issuer, openIssuer } from "../../local/identity/issuer.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { wipe } from "../../local/supervisor/wipe.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { type ContractRun, contractRuns } from "./runs.ts"
import { ensureSchemathesis, NotInstalled, runProgram } from "./schemathesis.ts"

const help = `Fuzzes the API from its own OpenAPI document, with Schemathesis, against a system of its own that is started for it.

  npm run contract [-- --only <run>] [--seed <n>] [--times <n>]

  --only <run>   ${contractRuns.map(({ name }) => name).join(", ")}
  --seed <n>     another seed than 1: other requests
  --times <n>    so many times the usual number of requests

Exit code 0: no failures; 1: a failure, or an answer that was not reached; 69: Schemathesis could not be installed.`

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seed: { type: "string", default: "1" },
    times: { type: "string", default: "1" },
    help: { type: "boolean", short: "h" },
  },
})

/** EX_UNAVAILABLE of sysexits.h. */
const unavailable = 69
/** The exit code of shells for a program that Ctrl-C ended. */
const stopped = 130
/** A run takes 10 to 20 s on two quiet cores; this ends one that hangs. */
const runTimeoutMs = 240_000 * Number(values.times)
const reports = join(defaultStateDir, "contract-reports")
/** Enough for every shopper of every run. */
const sku = { sku_id: "contract", name: "For any shopper", price_minor: 100, currency: "EUR", total_stock: 10_000_000 }
const peers = ["alice", "bob"]

if (values.help) console.log(help)
else process.exitCode = await main()
process.exit()

async function main(): Promise<number> {
  try {
    const program = ensureSchemathesis()
    const folder = new StateFolder(join(defaultStateDir, "contract"))
    const httpPort = await pickPort(new Set())
    const exitCode = await withSystem(folder, { httpPort, reset: true }, ({ environment }, stop) =>
      fuzz({ program, stop, baseUrl: environment.BASE_URL ?? "" }, folder.dir).catch((error: unknown) => {
        if (stop.aborted) return stopped
        throw error
      }),
    )
    wipe(folder)
    return exitCode
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error
    console.error(`contract: Schemathesis could not be installed: ${error.message}`)
    return unavailable
  }
}

/** The program, the API to test, and the signal that ends it. */
interface Fuzzing {
  readonly program: string
  readonly baseUrl: string
  readonly stop: AbortSignal
}

async function fuzz(fuzzing: Fuzzing, stateDir: string): Promise<number> {
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  const issuer = await openIssuer({ stateDir, issuer: tokenIssuer, audience: tokenAudience })
  const api = createApiClient(fuzzing.baseUrl, () => issuer.sign({ sub: "contract", scope: "sales:admin" }))
  await api.create({ ...sku, per_user_limit: 1_000, max_unpaid_holds: 1_000 })
  await api.steer(sku.sku_id, "open")

  const chosen = contractRuns.filter(({ name }) => values.only === undefined || name === values.only)
  if (chosen.length === 0) throw new Error(`There is no run ${values.only}`)
  let failed = 0
  for (const run of chosen) failed += (await carryOut(run, fuzzing, issuer)) ? 0 : 1
  console.log(failed === 0 ? "contract: kept" : `contract: broken in ${failed} of ${chosen.length} runs`)
  return failed === 0 ? 0 : 1
}

/** @returns true if nothing failed and every expected answer was reached */
async function carryOut(run: ContractRun, { program, baseUrl, stop }: Fuzzing, issuer: Issuer): Promise<boolean> {
  const file = (name: string) => join(reports, `${run.name}${name}`)
  writeFileSync(
    file(".toml"),
    `${readFileSync(new URL("schemathesis.toml", import.meta.url))}${await identities(run, file, issuer)}`,
  )
  const examples = String(run.examples * Number(values.times))
  const { exitCode, output } = await runProgram(
    program,
    [
      ...["--config-file", file(".toml"), "run", `${baseUrl}/openapi.json`, "--no-color", "--seed", values.seed, "-n", examples],
      ...["--report", "json", "--report-json-path", file(".json"), ...run.arguments],
    ],
    { SCHEMATHESIS_HOOKS: "hooks", PYTHONDONTWRITEBYTECODE: "1", CONTRACT_SKU: sku.sku_id, CONTRACT_TALLY: file(".tally.json") },
    { timeoutMs: runTimeoutMs, signal: stop },
  )
  writeFileSync(file(".log"), output)
  if (exitCode !== 0) console.log(output)
  const print = (what: string) => console.log(`${run.name.padEnd(10)} ${what}`)
  if (exitCode === null) {
    print(`NOT FINISHED after ${runTimeoutMs / 1_000} s`)
    return false
  }

  const tally = readJson<Record<string, number>>(file(".tally.json")) ?? {}
  const report = readJson<{ test_cases: { generated: number }; failures: unknown[] }>(file(".json"))
  print(
    report
      ? `${report.test_cases.generated} requests, ${Object.keys(tally).length} kinds of answers, ${report.failures.length} failures`
      : "NO REPORT",
  )
  const missed = run.mustReach.filter((answer) => tally[answer] === undefined)
  for (const answer of missed) print(`NEVER REACHED: ${answer}`)
  return exitCode === 0 && missed.length === 0
}

/** The report of a run, if it ran long enough to write one. */
function readJson<Content>(path: string): Content | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Content) : undefined
}

/** Two users who must not see each other's data. They are new to the rate limiter in each run. */
async function identities({ name, scope }: ContractRun, file: (name: string) => string, issuer: Issuer): Promise<string> {
  if (scope === undefined) return ""
  const auth = await Promise.all(
    peers.map(async (peer) => {
      const token = await issuer.sign({ sub: `${peer}-of-${name}`, tier: 4, ...(scope !== "" && { scope }) })
      return { name: peer, fixedHeaders: [{ name: "Authorization", value: `Bearer ${token}` }] }
    }),
  )
  writeFileSync(file(".auth.json"), JSON.stringify({ schemaVersion: "0.2.0", auth }), { mode: 0o600 })
  return `\n[auth.wfc]\npath = ${JSON.stringify(file(".auth.json"))}\npeers = ${JSON.stringify(peers)}\n`
}
