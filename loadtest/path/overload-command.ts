import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween, seconds } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { invariantsHold } from "./command.ts"
import { startGenerator } from "./generator-process.ts"
import { hostilePerGood, maxSlowdown, measureOverload, type OverloadResult, recoveryLimitSeconds } from "./overload.ts"
import { openShop } from "./shop.ts"

const shoppers = 20_000
/** Both generators and the system share them. */
const cores = "0,1"

interface OverloadOptions {
  readonly rate: number
  readonly seconds: number
  readonly json?: string
}

/** `bench overload`: good requests among hostile ones. */
export const overloadCommand = (): Command =>
  new Command("overload")
    .description(
      `Starts its own system and sells at a constant rate: alone, beside ${hostilePerGood} times as many hostile requests, and alone again. Exits with 1 when a good request is refused, p99 is ${maxSlowdown} times as long or more, or is not back within ${recoveryLimitSeconds} s.`,
    )
    .option("--rate <n>", "good requests a second", integerBetween(1, 1_000), 50)
    .option("--seconds <time>", "length of each phase", seconds, 30)
    .option("--json <file>", "also write the result to this file")
    .action(async (options: OverloadOptions) => {
      process.exitCode = await overload(options)
    })

async function overload({ rate, seconds: secondsPerPhase, json }: OverloadOptions): Promise<number> {
  const at = new Date().toISOString()
  const folder = new StateFolder(join(defaultStateDir, "bench-overload"))
  const port = await pickPort(new Set())
  return withSystem(folder, { httpPort: port, reset: true }, async (system, stop) => {
    console.log(`signing tokens of ${shoppers} shoppers`)
    const shop = await openShop(folder, port, shoppers)
    const [goodGenerator, hostileGenerator] = [startGenerator(cores, stop), startGenerator(cores, stop)]
    try {
      const result = await measureOverload({ shop, port, goodGenerator, hostileGenerator, rate, secondsPerPhase })
      console.log(textOf(result))
      if (json) {
        const kept = { at, machine: machineOf(), rate, seconds: secondsPerPhase, ...result }
        writeFileSync(json, `${JSON.stringify(kept, undefined, 2)}\n`)
      }
      return (await invariantsHold(system)) && result.ok ? 0 : 1
    } finally {
      goodGenerator.stop()
      hostileGenerator.stop()
    }
  })
}

const talliesOf = (answers: Readonly<Record<string, number>>): string =>
  Object.entries(answers)
    .map(([answer, times]) => `${times} x ${answer}`)
    .join(", ")

function textOf({ phases, slowdown, recovery_seconds: recovery, hostile }: OverloadResult): string {
  const lines = phases.map(({ phase, p50_ms, p99_ms, good_per_second, others }) => {
    const refused = Object.keys(others).length > 0 ? `, also answered: ${talliesOf(others)}` : ""
    return `${phase.padEnd(7)} p50 ${p50_ms} ms, p99 ${p99_ms} ms, ${good_per_second} good/s${refused}`
  })
  return [
    ...lines,
    `hostile ${hostile.sent} requests: ${talliesOf(hostile.answers)}`,
    `p99 beside them is ${slowdown} times that without; ${recovery === undefined ? "NOT as before in time" : `as before ${recovery} s after their end`}`,
  ].join("\n")
}
