import { writeFileSync } from "node:fs"
import { Command, InvalidArgumentError, Option } from "commander"
import { BenchFailed } from "../measure/failed.ts"
import { type ContestantName, contestantNames, type ProfileName, profileNames } from "../measure/result.ts"
import { claimLines } from "../report/claims.ts"
import { limitLines } from "../report/limits.ts"
import { legend, textTable } from "../report/table.ts"
import { contestantsOf } from "./cases.ts"
import { descriptions } from "./feed.ts"
import { runBench } from "./run.ts"

const full = { seconds: 8, rounds: 2, prewarmMb: 1_024 }
const quick = { seconds: 2, rounds: 1, prewarmMb: 512 }
const maxSeconds = 600

interface WriterOptions {
  readonly quick: boolean
  readonly json?: string
  readonly profile: readonly ProfileName[]
  readonly only: readonly ContestantName[]
  readonly seconds?: number
}

/** `bench writer`: the real writer and its rivals, on real servers. */
export const writerCommand = (): Command =>
  new Command("writer")
    .description(
      "Measures the real batch writer on its own PostgreSQL cluster with durable commits, and its rivals in the same run.",
    )
    .option("--quick", "shorter, and not every rival on every profile: under 4 minutes", false)
    .option("--json <file>", "also write the results to this file")
    .addOption(new Option("--profile <name...>", "only these profiles").choices(profileNames).default([], "all"))
    .addOption(new Option("--only <name...>", "only these contestants").choices(contestantNames).default([], "all"))
    .option(
      "--seconds <n>",
      `measured seconds of a contestant in a round (default: ${full.seconds}, quick ${quick.seconds})`,
      seconds,
    )
    .addHelpText(
      "after",
      `\nProfiles:\n${profileNames.map((name) => `  ${name.padEnd(16)}${descriptions[name]}`).join("\n")}
\nExit code: 0 measured, 1 a guarantee did not hold, so the numbers are not valid.`,
    )
    .action(async (options: WriterOptions) => {
      process.exitCode = await measureWriter(options)
    })

async function measureWriter(options: WriterOptions): Promise<number> {
  const contestants = contestantsOf({ quick: options.quick, profiles: options.profile, names: options.only })
  if (contestants.length === 0) {
    console.error("Nothing to measure: the baselines play all-accepted (and refused-only, unless --quick)")
    return 1
  }
  // A file that cannot be written fails here, and not after the run.
  if (options.json) writeFileSync(options.json, "")
  const plan = { ...(options.quick ? quick : full), quick: options.quick, ...(options.seconds && { seconds: options.seconds }) }
  try {
    const run = await runBench({ ...plan, contestants, at: new Date(), progress: (line) => console.log(line) })
    console.log(
      ["", textTable(run), legend, "", ...claimLines(run), "", ...limitLines(run), "", ...environment(run.machine)].join("\n"),
    )
    if (options.json) writeFileSync(options.json, `${JSON.stringify(run, undefined, 2)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof BenchFailed)) throw error
    console.error(`FAILED: ${error.message}`, error.cause ?? "")
    return 1
  }
}

const environment = (machine: Awaited<ReturnType<typeof runBench>>["machine"]): string[] =>
  Object.entries(machine).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`)

function seconds(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= maxSeconds) return value
  throw new InvalidArgumentError(`must be more than 0 and at most ${maxSeconds}`)
}
