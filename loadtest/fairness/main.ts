import "../quiet-telemetry.ts"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command, InvalidArgumentError } from "commander"
import { tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer } from "../../local/identity/issuer.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween, seconds } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { playPopulation } from "./play.ts"
import { fullHoldStock, holdPopulation, population } from "./population.ts"
import { refusedPlot, reportText } from "./report.ts"
import { resultOf } from "./result.ts"

interface FairnessOptions {
  readonly seconds: number
  readonly scale: number
  readonly stock?: number
  readonly seed: number
  readonly json?: string
  readonly plot?: string
}

/** Units at full size: fewer than people. */
const fullStock = 700
const maxSeed = 1_000_000

function scaleOf(text: string): number {
  const value = Number(text)
  if (value >= 0.01 && value <= 10) return value
  throw new InvalidArgumentError("It must be a number from 0.01 to 10.")
}

await new Command("fairness")
  .usage("-- [options]")
  .description(
    "Starts its own system and plays a sale with a labelled population: people, offices, scripts, botnets. Counts the requests that are refused because of the client, and the units that each cohort wins. Two more sales show the effect of the limit on unpaid holds on accounts that never pay. Exits with 1 when a target is missed or an invariant is violated.",
  )
  .option(
    "--seconds <time>",
    "how long they come; the default is twice the time for which the system remembers a client",
    seconds,
    120,
  )
  .option("--scale <n>", "size of every cohort", scaleOf, 1)
  .option("--stock <units>", `units for sale (default: ${fullStock} times the scale)`, integerBetween(1, 1_000_000))
  .option("--seed <n>", "a run with the same seed plays the same population", integerBetween(0, maxSeed), 1)
  .option("--json <file>", "also write the result to this file")
  .option("--plot <file>", "file for the plot, an SVG (default: fairness.svg in the state folder)")
  .action(async (options: FairnessOptions) => {
    process.exitCode = await measureFairness(options)
  })
  .parseAsync()

async function measureFairness({ json, plot, stock, ...options }: FairnessOptions): Promise<number> {
  const folder = new StateFolder(join(defaultStateDir, "fairness"))
  const httpPort = await pickPort(new Set())
  const units = stock ?? Math.max(1, Math.round(fullStock * options.scale))
  const holdStock = Math.max(1, Math.round(fullHoldStock * options.scale))
  const at = new Date()
  return withSystem(folder, { httpPort, reset: true, takesTestHeaders: true }, async (_, stop) => {
    const issuer = await openIssuer({ stateDir: folder.dir, issuer: tokenIssuer, audience: tokenAudience })
    const url = `http://127.0.0.1:${httpPort}`
    const played = await playPopulation({
      ...options,
      ...{ url, sign: issuer.sign, cohorts: population, stock: units, stop, progress: console.log },
      ...{ holdCohorts: holdPopulation, holdStock },
    })
    if (stop.aborted) return 1
    const result = resultOf(played, population, units)
    const plotFile = plot ?? folder.path("fairness.svg")
    writeFileSync(plotFile, refusedPlot(result, at))
    if (json)
      writeFileSync(json, `${JSON.stringify({ at: at.toISOString(), ...options, stock: units, ...result }, undefined, 2)}\n`)
    console.log(`\n${reportText(result)}\n\nthe generator was ${Math.round(played.latestMs)} ms late at worst; plot: ${plotFile}`)
    return result.ok ? 0 : 1
  })
}
