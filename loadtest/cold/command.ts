import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { BenchFailed } from "../measure/failed.ts"
import { invariantsHold } from "../path/command.ts"
import { rounded } from "../path/stages.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { referenceShape } from "../rehearsal/size.ts"
import { playRehearsal } from "./play.ts"
import type { ColdRun, ColdStart } from "./result.ts"
import { coldTable } from "./table.ts"

interface ColdOptions {
  readonly runs: number
  readonly peak: number
  readonly shoppers: number
  readonly json?: string
}

/** `bench cold`: what the shoppers of the first sale after a start wait longer than those of the second. */
export const coldCommand = (): Command =>
  new Command("cold")
    .description(
      "Starts its own system again and again, each time with new processes and an empty database, and plays two rehearsals in it: latencies and processor time of the first (cold) beside those of the second (warm).",
    )
    .option("--runs <n>", "number of starts", integerBetween(1, 20), 3)
    .option(
      "--peak <n>",
      "arrivals a second at the peak of every rehearsal",
      integerBetween(1, 20_000),
      referenceShape.peakPerSecond,
    )
    .option("--shoppers <n>", "shoppers of every rehearsal", integerBetween(1, 1_000_000), referenceShape.shoppers)
    .option("--json <file>", "also write the results to this file")
    .action(async (options: ColdOptions) => {
      process.exitCode = await measureCold(options)
    })

async function measureCold({ runs, peak, shoppers, json }: ColdOptions): Promise<number> {
  const at = new Date().toISOString()
  const results: ColdStart[] = []
  for (let run = 1; run <= runs; run += 1) {
    console.log(`start ${run} of ${runs}`)
    const start = await measureStart(peak, shoppers)
    if (start === undefined) return 1
    results.push(start)
  }
  const run: ColdRun = { at, machine: machineOf(), peak_per_second: peak, shoppers, results }
  console.log(coldTable(run))
  if (json) writeFileSync(json, `${JSON.stringify(run, undefined, 2)}\n`)
  return 0
}

/** @returns undefined when a check failed or a stop was requested */
async function measureStart(peakPerSecond: number, shoppers: number): Promise<ColdStart | undefined> {
  const folder = new StateFolder(join(defaultStateDir, "bench-cold"))
  const httpPort = await pickPort(new Set())
  const startedMs = performance.now()
  let measured: ColdStart | undefined
  const code = await withSystem(folder, { httpPort, reset: true }, async (system, stop) => {
    const readySeconds = rounded((performance.now() - startedMs) / 1_000)
    const rehearsal = { folder, environment: system.environment, peakPerSecond, shoppers, stop }
    try {
      const first = await playRehearsal(rehearsal)
      const second = await playRehearsal(rehearsal)
      measured = { name: "cold", ready_seconds: readySeconds, first, second }
      return (await invariantsHold(system)) ? 0 : 1
    } catch (error) {
      if (!(error instanceof BenchFailed)) throw error
      console.error(error.message)
      return 1
    }
  })
  return code === 0 ? measured : undefined
}
