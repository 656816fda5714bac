import { Command, InvalidArgumentError, Option } from "commander"
import { verifySale } from "../core/workflows/verify-sale.ts"
import { createApiClient } from "./api-client.ts"
import { type CapacityOptions, printCapacity } from "./capacity.ts"
import { adminToken, baseUrl, databaseReader } from "./connection.ts"
import { printCost } from "./cost.ts"
import { printSku, printVerification } from "./print.ts"
import { watch } from "./watch.ts"

/** 0: done; 1: a violation, or a call that failed; commander itself exits with 1 on wrong usage. */
const failed = 1

const program = new Command("ops")
  .description("Operates a flash sale. The same commands serve the local run and a deployed stage.")
  .option("--url <url>", "the API (default: FLASH_SALE_URL, or the running local system)")
  .option("--json", "answer in JSON, for programs", false)
  .showHelpAfterError("(--help tells what there is)")

const integer = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("must be an integer")
  return value
}

const api = () => {
  const url = baseUrl(program.opts<{ url?: string }>().url)
  return createApiClient(url, () => adminToken(url))
}
const asJson = () => program.opts<{ json: boolean }>().json

const sale = program.command("sale").description("create and steer sales")

sale
  .command("create <sku>")
  .description("create a SKU with its sale in draft; the same again changes nothing")
  .requiredOption("--stock <units>", "units for sale", integer)
  .option("--name <name>", "name shown to shoppers (default: the SKU)")
  .option("--price <minor>", "price in the currency's minor unit", integer, 1_000)
  .option("--currency <code>", "ISO 4217 code", "EUR")
  .option("--limit <units>", "units a shopper may have", integer, 1)
  .option("--hold <seconds>", "seconds a hold lasts", integer, 120)
  .option("--waitlist <entries>", "entries the waitlist takes", integer, 0)
  .option("--opens-at <time>", "opens by itself, RFC 3339 in UTC")
  .option("--closes-at <time>", "closes by itself, RFC 3339 in UTC")
  .action(async (sku: string, options) => {
    const created = await api().create({
      sku_id: sku,
      name: options.name ?? sku,
      price_minor: options.price,
      currency: options.currency,
      total_stock: options.stock,
      per_user_limit: options.limit,
      hold_seconds: options.hold,
      waitlist_limit: options.waitlist,
      ...(options.opensAt && { opens_at: options.opensAt }),
      ...(options.closesAt && { closes_at: options.closesAt }),
    })
    printSku(created, asJson())
  })

const steering = {
  open: "open the sale now",
  close: "close the sale; who waits is let go, holds stay payable",
  halt: "halt admission; what was accepted is still decided",
  resume: "resume the mode before the halt",
} as const

for (const [action, description] of Object.entries(steering)) {
  sale
    .command(`${action} <sku>`)
    .description(description)
    .action(async (sku: string) => printSku(await api().steer(sku, action as keyof typeof steering), asJson()))
}

sale
  .command("restock <sku> <units>")
  .description("add units; a negative number recalls them (put -- before it)")
  .action(async (sku: string, units: string) => printSku(await api().restock(sku, integer(units)), asJson()))

program
  .command("watch <sku>")
  .description("the counters of a sale, a line an interval")
  .addOption(new Option("--interval <ms>", "milliseconds between two lines").argParser(integer).default(1_000))
  .addOption(new Option("--rounds <n>", "stop after so many lines").argParser(integer).default(Number.POSITIVE_INFINITY))
  .action((sku: string, options: { interval: number; rounds: number }) =>
    watch(api(), sku, { intervalMs: options.interval, rounds: options.rounds, json: asJson() }),
  )

program
  .command("verify-sale")
  .description(
    "prove from the ledger that nothing was oversold, and check every invariant (reads PostgreSQL: DATABASE_URL, or the local system's)",
  )
  .action(async () => {
    const pool = await databaseReader()
    try {
      const verification = await verifySale(pool, {
        progress: (stage, { entries }) => process.stderr.write(`\r${stage}, ${entries} ledger entries verified`),
      })
      printVerification(verification, asJson())
      if (!verification.ok) process.exitCode = failed
    } finally {
      await pool.end()
    }
  })

program
  .command("cost")
  .description("what a sale costs by component, in a spike and sustained, from the stage's config and the dated table of prices")
  .option("--stage <name>", "dev, load or prod", "prod")
  .action(({ stage }: { stage: string }) => printCost(stage, asJson()))

program
  .command("capacity")
  .description(
    "headroom of each part, the bottleneck, the predicted wait in line; exits with 1 when a guardrail stops these rates",
  )
  .option("--stage <name>", "dev, load or prod", "prod")
  .option("--reservations-per-second <n>", "instead of the declared peak", integer)
  .option("--reads-per-second <n>", "instead of the declared peak", integer)
  .action((options: CapacityOptions) => {
    if (!printCapacity(options, asJson())) process.exitCode = failed
  })

try {
  await program.parseAsync()
} catch (error) {
  const reason =
    error instanceof Error
      ? error.cause instanceof Error
        ? `${error.message}: ${error.cause.message}`
        : error.message
      : String(error)
  console.error(`ops: ${reason}`)
  process.exitCode = failed
}
