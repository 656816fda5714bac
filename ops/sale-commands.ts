import { type Command, InvalidArgumentError, Option } from "commander"
import type { z } from "zod"
import type { AdminSkuList } from "../core/contracts/http/admin.ts"
import { defaultPageEntries } from "../core/contracts/http/pages.ts"
import { SaleStatus } from "../core/contracts/http/skus.ts"
import type { Ask } from "./client.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { announcedKey, type KeyOption, withKey } from "./command-key.ts"
import { printSku, printSkus } from "./print.ts"

/** A whole number as an argument. @throws InvalidArgumentError */
export const integer = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("must be an integer")
  return value
}

interface ListOptions {
  readonly limit: number
  readonly status?: z.output<typeof SaleStatus>
  readonly cursor?: string
}

/** Reads a page of the SKUs, or this page and all that follow as one. */
async function listSkus(ask: Ask, options: ListOptions, all: boolean): Promise<AdminSkuList> {
  const page = await ask({ command: "sale-list", ...options })
  const items = [...page.items]
  let { next } = page
  while (all && next !== null) {
    const more: AdminSkuList = await ask({ command: "sale-list", ...options, cursor: next })
    items.push(...more.items)
    next = more.next
  }
  return { items, next }
}

const statusChanges = {
  open: "open the sale now",
  close: "close the sale; the waitlist lapses, and holds can still be paid",
  resume: "resume the mode before the halt; a frozen writer continues",
} as const

/** Adds `sale list|create|open|close|halt|resume|restock`. */
export function addSaleCommands(program: Command, { ask, asJson }: CommandContext): void {
  const sale = program.command("sale").description("create sales, and change their status or stock")

  withExamples(sale.command("list"), "sale list", "sale list --status open --all")
    .description("list the SKUs with their sales, page by page, in the order of their creation")
    .option("--all", "list every page", false)
    .addOption(new Option("--status <status>", "list only sales with this status").choices(SaleStatus.options))
    .option("--limit <n>", "SKUs in one page", integer, defaultPageEntries)
    .option("--cursor <cursor>", "continue after an earlier page, with the cursor that it printed")
    .action(async ({ all, ...page }: ListOptions & { all: boolean }) => printSkus(await listSkus(ask(), page, all), asJson()))

  withExamples(
    sale.command("create <sku>"),
    "sale create sneaker-42 --stock 10000 --price 12900",
    "sale create sneaker-42 --stock 10000 --opens-at 2026-11-27T10:00:00+01:00",
  )
    .description("create a SKU with its sale in draft; repeating the same command changes nothing")
    .requiredOption("--stock <units>", "units for sale", integer)
    .option("--name <name>", "name shown to shoppers (default: the SKU)")
    .option("--price <minor>", "price in the currency's minor unit", integer, 1_000)
    .option("--currency <code>", "ISO 4217 code", "EUR")
    .option("--limit <units>", "units that a shopper may have", integer, 1)
    .option("--hold <seconds>", "duration of a hold in seconds", integer, 120)
    .option("--waitlist <entries>", "greatest number of waitlist entries", integer, 0)
    .option("--max-unpaid-holds <holds>", "unpaid holds that a shopper may have had before another one is refused", integer, 2)
    .option("--opens-at <time>", "opening time, RFC 3339 with Z or an offset: 2026-11-27T10:00:00+01:00")
    .option("--closes-at <time>", "closing time, RFC 3339 with Z or an offset")
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

  withExamples(sale.command("halt <sku>"), "sale halt sneaker-42", "sale halt sneaker-42 --freeze")
    .description("halt admission; requests in the queue are still decided")
    .option("--freeze", "stop the writer, too, for every SKU of the partition, until the sale is resumed", false)
    .action(async (skuId: string, { freeze }: { freeze: boolean }) =>
      printSku(await ask()({ command: "sale-halt", sku_id: skuId, freeze }), asJson()),
    )

  for (const action of Object.keys(statusChanges) as (keyof typeof statusChanges)[]) {
    withExamples(sale.command(`${action} <sku>`), `sale ${action} sneaker-42`)
      .description(statusChanges[action])
      .action(async (skuId: string) => printSku(await ask()({ command: `sale-${action}`, sku_id: skuId }), asJson()))
  }

  withExamples(withKey(sale.command("restock <sku> <units>")), "sale restock sneaker-42 500", "sale restock sneaker-42 -- -20")
    .description("add units; a negative number recalls units (put -- before it)")
    .action(async (skuId: string, units: string, given: KeyOption) => {
      const asked = { command: "sale-restock", sku_id: skuId, quantity: integer(units) } as const
      printSku(await ask()({ ...asked, idempotency_key: announcedKey(given) }), asJson())
    })
}
