import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { BenchFailed } from "../measure/failed.ts"
import { usageOf } from "../path/processes.ts"
import { rounded } from "../path/stages.ts"
import type { Report } from "../rehearsal/report.ts"
import type { Played } from "./result.ts"

export interface Rehearsal {
  readonly folder: StateFolder
  readonly environment: Readonly<Record<string, string>>
  readonly peakPerSecond: number
  readonly shoppers: number
  readonly stop: AbortSignal
}

/** Plays one rehearsal in a process of its own against a running system. @throws BenchFailed when a check of it fails */
export async function playRehearsal({ folder, environment, peakPerSecond, shoppers, stop }: Rehearsal): Promise<Played> {
  const file = folder.path("cold-rehearsal.json")
  const before = usageOf(folder)
  const size = ["--peak", String(peakPerSecond), "--shoppers", String(shoppers), "--json", file]
  const child = spawn(process.execPath, [...nodeArguments("loadtest/rehearsal/main.ts"), ...size], {
    env: { ...plainEnvironment(), ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  })
  const end = () => child.kill("SIGTERM")
  stop.addEventListener("abort", end)
  const [code] = await once(child, "exit")
  stop.removeEventListener("abort", end)
  const after = usageOf(folder)
  if (code !== 0) throw new BenchFailed(`The rehearsal ended with ${code}: its report is ${file}, and no result is kept`)
  const report = JSON.parse(readFileSync(file, "utf8")) as Report
  const used = [...after].map(([part, { cpuSeconds }]) => [part, rounded(cpuSeconds - (before.get(part)?.cpuSeconds ?? 0))])
  return playedOf(report, Object.fromEntries(used))
}

function playedOf({ tally, effort, load }: Report, ofParts: Readonly<Record<string, number>>): Played {
  const { decision } = tally
  const checkout = tally.calls.checkout.latency
  return {
    decision_p50_ms: rounded(decision.p50Ms),
    decision_p95_ms: rounded(decision.p95Ms),
    decision_p99_ms: rounded(decision.p99Ms),
    checkout_p50_ms: rounded(checkout.p50Ms),
    checkout_p95_ms: rounded(checkout.p95Ms),
    cpu_seconds: { ...ofParts, generator: rounded(effort.generatorCpuSeconds) },
    overloaded: load.isOverloaded,
  }
}
