import { userInfo } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { Command, Option } from "commander"
import { type CapacityOptions, printCapacity } from "./capacity.ts"
import { type Ask, createClient } from "./client.ts"
import { printCost } from "./cost.ts"
import { addHoldsCommand } from "./holds-command.ts"
import { localTransport } from "./local.ts"
import { addModeCommand } from "./mode-command.ts"
import { printInvariants, printLag, printStats } from "./print.ts"
import { printVerification } from "./print-verification.ts"
import { addReceiptCommands } from "./receipt.ts"
import { addSaleCommands, integer } from "./sale-commands.ts"
import { watch } from "./watch.ts"

/** 0: done; 1: a violation, or a command that failed; commander itself exits with 1 on wrong usage. */
const failed = 1

/** How long the CLI waits for its connections to close. */
const closeWithinMs = 1_000

const program = new Command("ops")
  .description(
    "Operates a flash sale. Without --stage the commands are carried out here, on the running local system; with it the same code carries them out inside the stage's network, as the function flash-sale-<stage>-ops, invoked with your AWS credentials.",
  )
  .option("--stage <name>", "a deployed stage: dev, load or prod")
  .option("--operator <name>", "who asks, for the log (default: the user of this machine)")
  .option("--json", "answer in JSON, for programs", false)
  .showHelpAfterError("(--help tells what there is)")
  .addHelpText(
    "after",
    "\nExits with 0 when done, with 1 on a violation, a refused command or one that could not be carried out.",
  )

const options = () => program.opts<{ stage?: string; operator?: string; json: boolean }>()
const asJson = () => options().json
/** `cost` and `capacity` compute; nothing needs to be deployed or running. */
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

program
  .command("stats <sku>")
  .description("the counters of a sale")
  .action(async (skuId: string) => printStats(await ask()({ command: "stats", sku_id: skuId }), asJson()))

program
  .command("watch <sku>")
  .description("the counters of a sale, a line an interval")
  .addOption(new Option("--interval <ms>", "milliseconds between two lines").argParser(integer).default(1_000))
  .addOption(new Option("--rounds <n>", "stop after so many lines").argParser(integer).default(Number.POSITIVE_INFINITY))
  .action((skuId: string, { interval, rounds }: { interval: number; rounds: number }) =>
    watch(ask(), skuId, { intervalMs: interval, rounds, json: asJson() }),
  )

program
  .command("lag")
  .description("how far the writer is behind the brokers, by partition, and the relay behind the ledger")
  .action(async () => printLag(await ask()({ command: "lag" }), asJson()))

program
  .command("verify-sale")
  .description("prove from the ledger that nothing was oversold, and check every invariant; reads PostgreSQL alone")
  .option("--all", "a line for each SKU, those that never sold a unit too", false)
  .action(async ({ all }: { all: boolean }) => {
    const verification = await ask()({ command: "verify-sale" })
    printVerification(verification, { json: asJson(), all })
    if (!verification.ok) process.exitCode = failed
  })

program
  .command("invariants")
  .description("check every invariant of the tables, without the walk through the ledger")
  .action(async () => {
    const verification = await ask()({ command: "invariants" })
    printInvariants(verification, asJson())
    if (!verification.ok) process.exitCode = failed
  })

program
  .command("cost")
  .description(
    "what a sale of --stage (default: prod) costs by component, in a spike and sustained, from the stage's config and the dated table of prices",
  )
  .action(() => printCost(computedStage(), asJson()))

program
  .command("capacity")
  .description(
    "headroom of each part of --stage (default: prod), the bottleneck, the predicted wait in line; exits with 1 when a guardrail stops these rates",
  )
  .option("--reservations-per-second <n>", "instead of the declared peak", integer)
  .option("--reads-per-second <n>", "instead of the declared peak", integer)
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
// A connection that does not close, because its server hangs, must not keep the process alive. A long answer is written before it ends.
await Promise.race([client?.close().catch(() => {}), delay(closeWithinMs)])
process.stdout.write("", () => process.exit())
