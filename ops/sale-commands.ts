import { type Command, InvalidArgumentError } from "commander"
import type { Ask } from "./client.ts"
import { printSku } from "./print.ts"

/** A whole number as an argument. @throws InvalidArgumentError */
export const integer = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("must be an integer")
  return value
}

const steering = {
  open: "open the sale now",
  close: "close the sale; who waits is let go, holds stay payable",
  resume: "resume the mode before the halt; a frozen writer goes on",
} as const

/** Adds `sale create|open|close|halt|resume|restock`. */
export function addSaleCommands(program: Command, ask: () => Ask, asJson: () => boolean): void {
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
    .option("--max-unpaid-holds <holds>", "holds a shopper may have had without paying, before another is refused", integer, 2)
    .option("--opens-at <time>", "opens by itself, RFC 3339 in UTC")
    .option("--closes-at <time>", "closes by itself, RFC 3339 in UTC")
    .action(async (skuId: string, options) => {
      const sku = {
        sku_id: skuId,
        name: options.name ?? skuId,
        price_minor: options.price,
        currency: options.currency,
        total_stock: options.stock,
        per_user_limit: options.limit,
        hold_seconds: options.hold,
        waitlist_limit: options.waitlist,
        max_unpaid_holds: options.maxUnpaidHolds,
        ...(options.opensAt && { opens_at: options.opensAt }),
        ...(options.closesAt && { closes_at: options.closesAt }),
      }
      printSku(await ask()({ command: "sale-create", sku }), asJson())
    })

  sale
    .command("halt <sku>")
    .description("halt admission; what was accepted is still decided")
    .option("--freeze", "stop the writer, too, and with it every SKU of the partition, until the sale is resumed", false)
    .action(async (skuId: string, { freeze }: { freeze: boolean }) =>
      printSku(await ask()({ command: "sale-halt", sku_id: skuId, freeze }), asJson()),
    )

  for (const action of Object.keys(steering) as (keyof typeof steering)[]) {
    sale
      .command(`${action} <sku>`)
      .description(steering[action])
      .action(async (skuId: string) => printSku(await ask()({ command: `sale-${action}`, sku_id: skuId }), asJson()))
  }

  sale
    .command("restock <sku> <units>")
    .description("add units; a negative number recalls them (put -- before it)")
    .action(async (skuId: string, units: string) =>
      printSku(await ask()({ command: "sale-restock", sku_id: skuId, quantity: integer(units) }), asJson()),
    )
}
