import { setTimeout as delay } from "node:timers/promises"
import { type PendingCall, type SendAll, settleTogether } from "./pending-calls.ts"

export interface CoalesceOptions {
  /** Items of one call at most; those beyond wait for the next. */
  readonly maxItems: number
  /** From the start of a call to the start of the next at least. */
  readonly intervalMs?: number
}

/** Coalesces calls: one runs at a time, with all items that arrived since the one before began. The first waits for nothing. */
export function coalesceCalls<Item, Answer>(
  send: SendAll<Item, Answer>,
  { maxItems, intervalMs = 0 }: CoalesceOptions,
): (item: Item) => Promise<Answer> {
  const waiting: PendingCall<Item, Answer>[] = []
  let isRunning = false

  const sendAll = async () => {
    isRunning = true
    while (waiting.length > 0) {
      const interval = intervalMs > 0 ? delay(intervalMs) : undefined
      await settleTogether(waiting.splice(0, maxItems), send)
      await interval
    }
    isRunning = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isRunning) void sendAll()
    })
}
