import type { Command } from "commander"
import type { AdminOrder, Refund } from "../core/contracts/http/refunds.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { announcedKey, type KeyOption, withKey } from "./command-key.ts"
import { integer } from "./sale-commands.ts"

interface RefundOptions extends KeyOption {
  readonly reason: string
  readonly amount?: number
  readonly keepUnit: boolean
}

/** Adds `order show|refund`. */
export function addOrderCommands(program: Command, { ask, asJson }: CommandContext): void {
  const order = program.command("order").description("show an order with its refunds, and return its money")

  withExamples(order.command("show <id>"), "order show 6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
    .description("show an order: its status, its payment and its refunds, those made at the provider included")
    .action(async (orderId: string) => printOrder(await ask()({ command: "order-show", order_id: orderId }), asJson()))

  withExamples(
    withKey(order.command("refund <id>")),
    'order refund 6f9619ff-8b86-4d01-b42d-00cf4fc964ff --reason "the parcel was lost"',
    'order refund 6f9619ff-8b86-4d01-b42d-00cf4fc964ff --reason "one of two came" --amount 6450 --keep-unit',
  )
    .description("return the money of an order; when all of it went back, its units go to the waitlist or back to stock")
    .requiredOption("--reason <text>", "why the money goes back; operators see it")
    .option("--amount <minor>", "a part of the payment, in the minor unit (default: all that is left)", integer)
    .option("--keep-unit", "keep the units sold although all money goes back", false)
    .action(async (orderId: string, { reason, amount, keepUnit, ...given }: RefundOptions) => {
      const asked = { command: "order-refund", order_id: orderId, reason, return_unit: !keepUnit } as const
      const refund = await ask()({
        ...asked,
        ...(amount !== undefined && { amount_minor: amount }),
        idempotency_key: announcedKey(given),
      })
      console.log(asJson() ? JSON.stringify(refund) : sentenceOf(refund))
    })
}

/** What became of a refund, and what follows from it. */
export function sentenceOf(refund: Refund): string {
  const money = `${refund.amount_minor} ${refund.currency} of order ${refund.order_id}`
  if (refund.status !== "SUCCEEDED") return `${money}: the provider has not finished the refund; the order changes when it has`
  const units = refund.order_status === "PAID" ? "the order stays PAID" : `the order is ${refund.order_status}`
  return `${money} went back; ${units}`
}

function printOrder(order: AdminOrder, json: boolean): void {
  const { refunds, ...rest } = order
  const lines = Object.entries(rest).map(([name, value]) => `${name.padEnd(16)}${value ?? "-"}`)
  const refundLines = refunds.flatMap((refund) => [
    `refund ${refund.refund_id}: ${refund.amount_minor} ${refund.currency}, ${refund.status}, by ${refund.origin}`,
    `  reason: ${refund.reason}; units ${refund.return_unit ? "go back" : "are kept"}; requested ${refund.requested_at}`,
    ...(refund.failure_code === undefined ? [] : [`  it failed: ${refund.failure_code}`]),
  ])
  console.log(json ? JSON.stringify(order) : [...lines, ...(refunds.length === 0 ? ["no refunds"] : refundLines)].join("\n"))
}
