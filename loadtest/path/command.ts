import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command, Option } from "commander"
import { Pool } from "pg"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { saleDatabase } from "../../local/environment.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { seconds } from "../../local/supervisor/options.ts"
import type { System } from "../../local/supervisor/system.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { startGenerator } from "./generator-process.ts"
import { pin, processesOf } from "./processes.ts"
import { type Climb, climbLadder } from "./profiles.ts"
import { type Layout, layouts, type Profile, profiles, type StepResult, type Visits } from "./result.ts"
import { openShop } from "./shop.ts"
import { growthLine, type Soak, soak } from "./soak.ts"
import { header, row } from "./table.ts"
import { letVisit } from "./visits.ts"

/** Cores in the notation of taskset. */
const cores = { shared: { system: "0,1", generator: "0,1" }, pinned: { system: "0", generator: "1" } } as const
/** Fewer than the tokens that a gateway remembers, and enough that no shopper comes more often than a person would. */
const shoppers = 20_000

const fullClimb = {
  secondsPerStep: 15,
  rates: {
    "reserve-ladder": [500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000],
    availability: [2_000, 5_000, 7_500, 10_000, 12_500, 15_000],
    "sold-out": [2_000, 5_000, 7_500, 10_000, 12_500, 15_000, 17_500],
    checkout: [50, 100, 150, 200, 300],
  },
}
const quickClimb = {
  secondsPerStep: 5,
  rates: {
    "reserve-ladder": [500, 1_500, 2_500, 3_500, 4_500],
    availability: [2_000, 5_000, 10_000],
    "sold-out": [2_000, 5_000, 10_000],
    checkout: [50, 100, 200],
  },
}

interface PathOptions {
  readonly profile: readonly Profile[]
  readonly layout: readonly Layout[]
  readonly quick: boolean
  readonly seconds?: string
  readonly rates?: readonly string[]
  readonly gateways: string
  readonly soak?: number
  readonly stop: boolean
  readonly json?: string
}

/** `bench path`: measures the running system over HTTP. */
export const pathCommand = (): Command =>
  new Command("path")
    .description(
      "Starts its own system and measures it over HTTP: rates up to the knee, latencies, stages, processor time of each part.",
    )
    .addOption(new Option("--profile <name...>", "what to measure").choices(profiles).default(profiles))
    .addOption(
      new Option("--layout <name...>", "generator and system share both cores (shared), or each has one (pinned)")
        .choices(layouts)
        .default(layouts),
    )
    .option("--quick", "fewer and shorter steps", false)
    .option("--seconds <n>", "length of a step")
    .option("--rates <n...>", "requests a second of each step, instead of the default rates")
    .option("--gateways <n>", "processes that serve the API", "1")
    .option(
      "--soak <time>",
      "sell for this time, such as 10m, at one rate (--rates, default 500), and watch the memory of each part",
      seconds,
    )
    .option("--no-stop", "continue with higher rates when a rate is not held")
    .option("--json <file>", "also write the results to this file")
    .action(async (options: PathOptions) => {
      process.exitCode = await measurePath(options)
    })

async function measurePath(options: PathOptions): Promise<number> {
  const at = new Date().toISOString()
  const folder = new StateFolder(join(defaultStateDir, "bench-path"))
  const port = await pickPort(new Set())
  return withSystem(folder, { httpPort: port, reset: true, gateways: Number(options.gateways) }, async (system, stop) => {
    console.log(`signing tokens of ${shoppers} shoppers`)
    const shop = await openShop(folder, port, shoppers)
    const climb = climbOf(options)
    const results: StepResult[] = []
    if (options.soak !== undefined) {
      const isFlat = await soakAll(options, options.soak, { folder, shop, port }, stop)
      return isFlat && (await invariantsHold(system)) ? 0 : 1
    }
    const visits = await visitAll({ folder, shop, port }, stop)
    console.log(header)
    for (const layout of options.layout) {
      const generator = startGenerator(cores[layout].generator, stop)
      pin([...processesOf(folder).values()].flat(), cores[layout].system)
      try {
        for (const profile of options.profile) {
          if (stop.aborted) return 1
          const onStep = (result: StepResult) => console.log(row(result))
          results.push(...(await climbLadder({ stage: { folder, generator, layout }, shop, port, climb, onStep }, profile)))
        }
      } finally {
        generator.stop()
      }
    }
    // The results of a sale with a violated invariant are not kept.
    if (!(await invariantsHold(system))) return 1
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ at, machine: machineOf(), visits, results }, undefined, 2)}\n`)
    return 0
  })
}

async function visitAll({ folder, shop, port }: Pick<Soak, "folder" | "shop" | "port">, stop: AbortSignal): Promise<Visits> {
  const generator = startGenerator(cores.shared.generator, stop)
  try {
    const visits = await letVisit(shop, folder, generator, port)
    console.log(
      `verifying a new token costs the gateway ${visits.token_us} us, the rest of a request ${visits.later_visit_us} us; ` +
        `a server that does nothing but HTTP takes ${visits.bare_us} us`,
    )
    return visits
  } finally {
    generator.stop()
  }
}

const defaultSoakRate = 500

/** @returns whether the memory of every part stayed within its limit */
async function soakAll(
  options: PathOptions,
  seconds: number,
  at: Pick<Soak, "folder" | "shop" | "port">,
  stop: AbortSignal,
): Promise<boolean> {
  const generator = startGenerator(cores.shared.generator, stop)
  try {
    const rate = Number(options.rates?.[0] ?? defaultSoakRate)
    const growth = await soak({ ...at, generator, rate, seconds })
    for (const part of growth) console.log(growthLine(part))
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ machine: machineOf(), soak: { rate, seconds, growth } }, undefined, 2)}\n`)
    return growth.every(({ ok }) => ok)
  } finally {
    generator.stop()
  }
}

function climbOf({ quick, seconds: stepSeconds, rates, stop: stopsWhenNotHeld }: PathOptions): Climb {
  const climb = quick ? quickClimb : fullClimb
  const numbers = rates?.map(Number)
  return {
    stopsWhenNotHeld,
    secondsPerStep: stepSeconds === undefined ? climb.secondsPerStep : Number(stepSeconds),
    rates: numbers ? { "reserve-ladder": numbers, availability: numbers, "sold-out": numbers, checkout: numbers } : climb.rates,
  }
}

/** Checks every invariant of the system and prints the violated ones. */
export async function invariantsHold({ services }: System): Promise<boolean> {
  const pool = new Pool({ connectionString: services.ownerUrl(saleDatabase), max: 1 })
  try {
    const broken = (await checkInvariants(pool)).checks.filter(({ ok }) => !ok)
    for (const { name, violations } of broken) console.error(`INVARIANT ${name}: ${violations.join("; ")}`)
    console.log(
      broken.length === 0 ? "every invariant holds" : `${broken.length} invariants are violated: the results are not kept`,
    )
    return broken.length === 0
  } finally {
    await pool.end()
  }
}
