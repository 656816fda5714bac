import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Argument, Command } from "commander"
import type { Measured } from "../../core/contracts/measured.ts"
import { saleDatabase } from "../../local/environment.ts"
import { historyFolder, readMeasured } from "../../local/metrics/history.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { type FaultName, faults } from "./faults.ts"
import { writeRecording } from "./recording.ts"
import { startSteadySale } from "./steady-sale.ts"

/** From the first shopper: the system is warm, then measured as it should be, then the fault lasts. */
const seconds = { warm: 12, well: 20, fault: 48 } as const
/** A measurement is written at most so much later than the moment that it is about. */
const writtenWithinMs = 2_000

const recordings = fileURLToPath(new URL("../../test/alarms/recordings", import.meta.url))
const names = Object.keys(faults) as FaultName[]

/** `npm run bench -- alarms`: records what the system measures while a fault is done to it, for the test of the alarms. */
export const alarmsCommand = (): Command =>
  new Command("alarms")
    .description("record rehearsals of faults, which the test of the alarms replays; each takes two minutes")
    .addArgument(new Argument("[faults...]", "which ones").choices(names))
    .option("--port <port>", "port of the system that is started for it", integerBetween(1, 65_535), 8_090)
    .option("--out <folder>", "where the recordings go", recordings)
    .action(async (given: FaultName[], { port, out }: { port: number; out: string }) => {
      mkdirSync(out, { recursive: true })
      for (const name of given.length > 0 ? given : names) await record(name, { port, out })
    })

async function record(name: FaultName, { port, out }: { port: number; out: string }): Promise<void> {
  const folder = new StateFolder(join(defaultStateDir, "alarm-recordings"))
  await withSystem(folder, { httpPort: port, reset: true }, async ({ services, environment }) => {
    const length = seconds.warm + seconds.well + seconds.fault
    const sale = await startSteadySale(environment.BASE_URL ?? "", length)
    await delay(seconds.warm * 1_000)
    const fromMs = Date.now()
    await delay(seconds.well * 1_000)
    const faultMs = Date.now()
    const end = await faults[name].begin({ folder, sale, ownerUrl: services.ownerUrl(saleDatabase) })
    await delay(seconds.fault * 1_000)
    const toMs = Date.now()
    await end()
    await delay(writtenWithinMs)
    await sale.stop()
    const measurements: Measured[] = []
    for await (const one of readMeasured(historyFolder(folder.dir), fromMs, toMs)) measurements.push(one)
    writeRecording(join(out, `${name}.jsonl.gz`), {
      name,
      fault: faults[name].words,
      from_ms: fromMs,
      fault_ms: faultMs,
      to_ms: toMs,
      machine: machineName(),
      recorded_at: new Date(faultMs).toISOString(),
      measurements,
    })
    console.log(`recorded ${name}: ${measurements.length} flushes`)
    return 0
  })
}

function machineName(): string {
  const { cores, processor, memoryMiB } = machineOf()
  return `${cores} cores of ${processor}, ${memoryMiB} MiB`
}
