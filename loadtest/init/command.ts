import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command, Option } from "commander"
import { Pool } from "pg"
import { saleDatabase } from "../../local/environment.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween } from "../../local/supervisor/options.ts"
import type { System } from "../../local/supervisor/system.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { startGenerator } from "../path/generator-process.ts"
import { pin, processesOf } from "../path/processes.ts"
import { openShop } from "../path/shop.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { cores, measureEnvironment } from "./environment.ts"
import { type EventMaker, eventsFor } from "./events.ts"
import { type InitResult, type InitRun, type MeasuredFunction, measuredFunctions } from "./result.ts"
import { initTable } from "./table.ts"

const shoppers = 1_000

interface InitOptions {
  readonly function: readonly MeasuredFunction[]
  readonly runs: number
  readonly requests: number
  readonly checkouts: number
  readonly json?: string
}

/** `bench init`: how long a new execution environment takes for its init, and for its first, tenth, ... request. */
export const initCommand = (): Command =>
  new Command("init")
    .description(
      "Starts its own system, loads the bundle of each function in new processes as Lambda does, and measures init and requests 1, 10, 100 and 1,000, without and with the warm-up.",
    )
    .addOption(new Option("--function <name...>", "what to measure").choices(measuredFunctions).default(measuredFunctions))
    .option("--runs <n>", "new environments for each function and setting", integerBetween(1, 20), 3)
    .option("--requests <n>", "requests to each environment, one after the other", integerBetween(1, 10_000), 1_000)
    .option("--checkouts <n>", "the same for checkout: the provider takes 200 ms of each", integerBetween(1, 10_000), 100)
    .option("--json <file>", "also write the results to this file")
    .action(async (options: InitOptions) => {
      process.exitCode = await measureInit(options)
    })

async function measureInit(options: InitOptions): Promise<number> {
  const at = new Date().toISOString()
  const folder = new StateFolder(join(defaultStateDir, "bench-init"))
  const port = await pickPort(new Set())
  return withSystem(folder, { httpPort: port, reset: true }, async (system, stop) => {
    const shop = await openShop(folder, port, shoppers)
    const tokens = JSON.parse(readFileSync(shop.tokensFile, "utf8")) as string[]
    const superuser = new Pool({ connectionString: system.services.ownerUrl(saleDatabase), max: 1 })
    const generator = startGenerator(cores?.services ?? "0", stop)
    if (cores) pin([...processesOf(folder).values()].flat(), cores.services)
    try {
      const results = await measureAll(options, { shop, port, generator, superuser, tokens }, folder, system, stop)
      const run: InitRun = { at, machine: machineOf(), results }
      if (stop.aborted) return 1
      console.log(initTable(run))
      if (options.json) writeFileSync(options.json, `${JSON.stringify(run, undefined, 2)}\n`)
      return 0
    } finally {
      generator.stop()
      await superuser.end()
    }
  })
}

/** The settings take turns, so that a slow minute of the machine meets both. */
async function measureAll(
  { function: names, runs, requests, checkouts }: InitOptions,
  maker: EventMaker,
  folder: StateFolder,
  { environment }: System,
  stop: AbortSignal,
): Promise<InitResult[]> {
  const results: InitResult[] = []
  for (const name of names) {
    const count = name === "checkout" ? checkouts : requests
    for (let run = 1; run <= runs; run += 1) {
      for (const warmUp of ["off", "on"] as const) {
        if (stop.aborted) return results
        const events = await eventsFor(name, count, maker)
        results.push(await measureEnvironment({ folder, name, variables: environment, warmUp, events }))
        console.log(`${name}, warm-up ${warmUp}: environment ${run} of ${runs} measured`)
      }
    }
  }
  return results
}
