import { userInfo } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { Command, Option } from "commander"
import { type CapacityOptions, printCapacity } from "./capacity.ts"
import { type Ask, createClient } from "./client.ts"
import { printCost } from "./cost.ts"
import { addGroupCommands } from "./groups-command.ts"
import { addHoldsCommand } from "./holds-command.ts"
import { localTransport } from "./local.ts"
import { addModeCommand } from "./mode-command.ts"
import { addNoticesCommand } from "./notices-command.ts"
import { addOrderCommands } from "./order-commands.ts"
import { addOversellCommands } from "./oversell-commands.ts"
import { printInvariants, printLag, printStats } from "./print.ts"
import { printVerification } from "./print-verification.ts"
import { addReceiptCommands } from "./receipt.ts"
import { addReplayCommand } from "./replay-command.ts"
import { addSaleCommands, integer } from "./sale-commands.ts"
import { addTraceCommand } from "./trace-command.ts"
import { addWarmCommand } from "./warm-command.ts"
import { watch } from "./watch.ts"

/** Exit code after a violation or a failed command. Commander exits with 1 on wrong usage, too. */
const failed = 1

/** How long the CLI waits for its connections to close. */
const closeWithinMs = 1_000

const program = new Command("ops")
  .description(
    "Operates a flash sale. Without --stage, commands run here, on the local system. With --stage, the same code runs inside the stage's network: the CLI invokes the function flash-sale-<stage>-ops with your AWS credentials.",
  )
  .option("--stage <name>", "use a deployed stage: dev, load or prod")
  .option("--operator <name>", "your name, for the log (default: the user of this machine)")
  .option("--json", "print the answer as JSON, for programs", false)
  .showHelpAfterError("(--help lists the commands and options)")
  .addHelpText("after", "\nThe exit code is 0 after success, and 1 after a violation, a refused command or a failure.")

const options = () => program.opts<{ stage?: string; operator?: string; json: boolean }>()
const asJson = () => options().json
/** `cost` and `capacity` only compute: nothing has to be deployed or running. */
const computedStage = () => options().stage ?? "prod"

let client: Ask | undefined
const ask = (): Ask => {
  const { stage, operator = userInfo().username } = options()
  client ??= createClient(
    stage === undefined ? localTransport : async () => (await import("./deployed.ts")).deployedTransport(stage),
    operator,
    (line) => process.stderr.write(`${line}\n`),
  )
  return client
}

addSaleCommands(program, ask, asJson)
addReceiptCommands(program, options)
addModeCommand(program, ask, asJson)
addHoldsCommand(program, ask, asJson)
addOrderCommands(program, ask, asJson)
addOversellCommands(program, ask, asJson)
addNoticesCommand(program, ask, asJson)
addWarmCommand(program, options)
addTraceCommand(program, options)
addGroupCommands(program, ask, asJson)
addReplayCommand(program, ask, asJson)

program
  .command("stats <sku>")
  .description("show the counters of a sale")
  .action(async (skuId: string) => printStats(await ask()({ command: "stats", sku_id: skuId }), asJson()))

program
  .command("watch <sku>")
  .description("show the counters of a sale again and again, one line for each interval")
  .addOption(new Option("--interval <ms>", "milliseconds between two lines").argParser(integer).default(1_000))
  .addOption(new Option("--rounds <n>", "number of lines").argParser(integer).default(Number.POSITIVE_INFINITY, "without end"))
  .action((skuId: string, { interval, rounds }: { interval: number; rounds: number }) =>
    watch(ask(), skuId, { intervalMs: interval, rounds, json: asJson() }),
  )

program
  .command("lag")
  .description("show how far the writer is behind Kafka, by partition, and the relay behind the ledger")
  .action(async () => printLag(await ask()({ command: "lag" }), asJson()))

program
  .command("verify-sale")
  .description("prove from the ledger that nothing was oversold, and check every invariant; reads only PostgreSQL")
  .option("--all", "print a line for each SKU, also for SKUs that never sold a unit", false)
  .action(async ({ all }: { all: boolean }) => {
    const verification = await ask()({ command: "verify-sale" })
    printVerification(verification, { json: asJson(), all })
    if (!verification.ok) process.exitCode = failed
  })

program
  .command("invariants")
  .description("check every invariant of the tables, without reading the ledger entry by entry")
  .action(async () => {
    const verification = await ask()({ command: "invariants" })
    printInvariants(verification, asJson())
    if (!verification.ok) process.exitCode = failed
  })

program
  .command("cost")
  .description(
    "compute the cost of a sale in --stage (default: prod) by component, in a spike and sustained, from the stage's config and the dated table of prices",
  )
  .action(() => printCost(computedStage(), asJson()))

program
  .command("capacity")
  .description(
    "compute the headroom of each part of --stage (default: prod), the bottleneck, and the predicted wait in the queue; the exit code is 1 when a guardrail forbids these rates",
  )
  .option("--reservations-per-second <n>", "use this rate instead of the declared peak", integer)
  .option("--reads-per-second <n>", "use this rate instead of the declared peak", integer)
  .action((rates: Omit<CapacityOptions, "stage">) => {
    if (!printCapacity({ ...rates, stage: computedStage() }, asJson())) process.exitCode = failed
  })

try {
  await program.parseAsync()
} catch (error) {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  console.error(`ops: ${cause instanceof Error ? `${message} (${cause.message})` : message}`)
  process.exitCode = failed
}
// A connection that does not close, because its server hangs, must not keep the process alive. A long answer is written before
// the process ends.
await Promise.race([client?.close().catch(() => {}), delay(closeWithinMs)])
process.stdout.write("", () => process.exit())
