import { retrySetAsideNow, setAsideList } from "../../../core/adapters/postgres/database-views.ts"
import type { paymentCommands } from "../../../core/contracts/operations/payments.ts"
import type { Handlers } from "./handlers.ts"

/** Payments and refunds that do not succeed. */
export const paymentHandlers: Handlers<keyof typeof paymentCommands> = {
  payments: async (parts, { limit }) => setAsideList(await parts.readerPool(), limit),
  "payments-retry": async (parts) => ({ due_now: await retrySetAsideNow(await parts.adminPool()) }),
}
