import * as z from "zod"
import { change, read } from "./command.ts"

/** A payment or refund whose last try failed. */
const SetAside = z.strictObject({
  /** What is tried: capture, give-back, complete; of a refund, refund. */
  work: z.string(),
  /** Of the payment attempt, or of the refund. */
  id: z.uuid(),
  order_id: z.uuid().nullable(),
  tries: z.int(),
  since: z.iso.datetime({ offset: true }),
  next_at: z.iso.datetime({ offset: true }),
  last_error: z.string().nullable(),
})

/** Payments and refunds that do not succeed, the oldest first. */
export const SetAsideList = z.strictObject({ items: z.array(SetAside), in_all: z.int() })
export type SetAsideList = z.output<typeof SetAsideList>

/** Payments and refunds that are tried again by themselves. */
export const paymentCommands = {
  payments: read({ limit: z.int().min(1).max(200).default(50) }, SetAsideList),
  /** Lets every one of them be tried at once. */
  "payments-retry": change({}, z.strictObject({ due_now: z.int() })),
}
