import { readFileSync, writeFileSync } from "node:fs"
import type { Command } from "commander"
import { OversellPlan } from "../core/contracts/http/refunds.ts"
import type { ProblemSlug } from "../core/contracts/problems.ts"
import { type Ask, OpsProblem } from "./client.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { sentenceOf } from "./order-commands.ts"

/** Adds `oversell plan|refund`. */
export function addOversellCommands(program: Command, { ask, asJson }: CommandContext): void {
  const oversell = program.command("oversell").description("refund the orders of an oversold SKU that are above its total")

  withExamples(oversell.command("plan"), "oversell plan --sku sneaker-42 --out plan.json")
    .description("list the orders above the total, the newest first, with the money of each and the reason; changes nothing")
    .requiredOption("--sku <sku>", "the SKU")
    .option("--out <file>", "write the plan to this file, for `oversell refund`")
    .action(async ({ sku, out }: { sku: string; out?: string }) => {
      const plan = await ask()({ command: "oversell-plan", sku_id: sku })
      if (out !== undefined) writeFileSync(out, `${JSON.stringify(plan, undefined, 2)}\n`)
      console.log(asJson() ? JSON.stringify(plan) : [...linesOf(plan), ...nextStep(plan, out)].join("\n"))
    })

  withExamples(oversell.command("refund"), "oversell refund --plan plan.json")
    .description("refund every order of a plan, each once; after an interruption the same command continues")
    .requiredOption("--plan <file>", "the plan, as `oversell plan --out` wrote it")
    .action(async ({ plan: file }: { plan: string }) => {
      const notDone = await refundPlan(ask(), readPlan(file))
      if (notDone > 0) process.exitCode = 1
    })
}

function linesOf({ sku_id, total, reserved, sold, excess, orders }: OversellPlan): string[] {
  if (excess === 0) return [`${sku_id} is not oversold: ${reserved} held and ${sold} sold of ${total}`]
  const units = orders.reduce((sum, { quantity }) => sum + quantity, 0)
  const money = Map.groupBy(orders, ({ currency }) => currency)
  const sums = [...money].map(([currency, of]) => `${of.reduce((sum, { amount_minor }) => sum + amount_minor, 0)} ${currency}`)
  return [
    `${sku_id}: ${reserved} held and ${sold} sold of ${total}, ${excess} too many`,
    ...orders.map(
      (order) =>
        `${order.order_id}  ${order.created_at}  ${order.status}  ${order.quantity} for ${order.amount_minor} ${order.currency}  ${order.reason}`,
    ),
    `${orders.length} orders, ${units} units, ${sums.join(", ") || "no money"} (minor units)`,
    ...(units < excess
      ? [`${excess - units} units are not covered: they are held and not sold, or beyond the end of this plan`]
      : []),
  ]
}

const nextStep = ({ orders }: OversellPlan, out: string | undefined): string[] =>
  orders.length === 0
    ? []
    : [out === undefined ? "write it with --out FILE" : `refund it with: npm run ops -- oversell refund --plan ${out}`]

/** @throws Error that says what is wrong with the file */
function readPlan(file: string): OversellPlan {
  try {
    return OversellPlan.parse(JSON.parse(readFileSync(file, "utf8")))
  } catch (cause) {
    throw new Error(`${file} is no plan: make one with \`oversell plan --sku <sku> --out ${file}\``, { cause })
  }
}

/** Problems that a later run may not meet: the order is captured soon, or another refund of it ends. */
const later: readonly string[] = typesOf("order-not-paid", "refund-in-progress", "outcome-unknown", "temporarily-unavailable")
const done: readonly string[] = typesOf("order-already-refunded")

function typesOf(...slugs: ProblemSlug[]): string[] {
  return slugs.map((slug) => `/problems/${slug}`)
}

/**
 * Refunds the orders of a plan, one after the other. The key of each refund is made of the plan and the order, so that a second
 * run asks for the same refunds. An order that cannot be refunded does not keep the others from it.
 *
 * @returns how many orders are not refunded
 */
async function refundPlan(ask: Ask, { plan_id: planId, orders }: OversellPlan): Promise<number> {
  let notDone = 0
  for (const [index, { order_id: orderId, reason }] of orders.entries()) {
    const say = (text: string) => console.log(`${index + 1} of ${orders.length}: ${text}`)
    try {
      const asked = { command: "order-refund", order_id: orderId, reason, return_unit: true } as const
      const refund = await ask({ ...asked, idempotency_key: `oversell-${planId}-${orderId}` })
      if (refund.status !== "SUCCEEDED") notDone += 1
      say(sentenceOf(refund))
    } catch (error) {
      if (!(error instanceof OpsProblem)) throw error
      if (done.includes(error.type)) {
        say(`order ${orderId} was refunded before`)
        continue
      }
      notDone += 1
      say(`order ${orderId} is not refunded (${error.message})${later.includes(error.type) ? "; run the command again" : ""}`)
    }
  }
  console.log(`${orders.length - notDone} of ${orders.length} orders are refunded`)
  return notDone
}
