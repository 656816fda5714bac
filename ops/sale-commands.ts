import { type Command, InvalidArgumentError, Option } from "commander"
import type { z } from "zod"
import type { AdminSkuList } from "../core/contracts/http/admin.ts"
import { defaultPageEntries } from "../core/contracts/http/pages.ts"
import { SaleStatus } from "../core/contracts/http/skus.ts"
import type { Ask } from "./client.ts"
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

/** A page of the SKUs, or all pages from there on as one. */
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

const steering = {
  open: "open the sale now",
  close: "close the sale; who waits is let go, holds stay payable",
  resume: "resume the mode before the halt; a frozen writer goes on",
} as const

/** Adds `sale list|create|open|close|halt|resume|restock`. */
export function addSaleCommands(program: Command, ask: () => Ask, asJson: () => boolean): void {
  const sale = program.command("sale").description("create and steer sales")

  sale
    .command("list")
    .description("the SKUs with their sales, page by page, in the order of their creation")
    .option("--all", "every page, not the first alone", false)
    .addOption(new Option("--status <status>", "only the sales that are now").choices(SaleStatus.options))
    .option("--limit <n>", "SKUs of a page", integer, defaultPageEntries)
    .option("--cursor <cursor>", "go on where a page before ended")
    .action(async ({ all, ...page }: ListOptions & { all: boolean }) => printSkus(await listSkus(ask(), page, all), asJson()))

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
    .option("--opens-at <time>", "opens by itself, RFC 3339 with Z or an offset: 2026-11-27T10:00:00+01:00")
    .option("--closes-at <time>", "closes by itself, RFC 3339 with Z or an offset")
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

  withKey(sale.command("restock <sku> <units>"))
    .description("add units; a negative number recalls them (put -- before it)")
    .action(async (skuId: string, units: string, given: KeyOption) => {
      const asked = { command: "sale-restock", sku_id: skuId, quantity: integer(units) } as const
      printSku(await ask()({ ...asked, idempotency_key: announcedKey(given) }), asJson())
    })
}
