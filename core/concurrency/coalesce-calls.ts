import { setTimeout as delay } from "node:timers/promises"
import { type PendingCall, type SendAll, settleTogether } from "./pending-calls.ts"

export interface CoalesceOptions {
  /** Items of one call at most; the others wait for the next call. */
  readonly maxItems: number
  /** Least time from the start of a call to the start of the next one. */
  readonly intervalMs?: number
}

/**
 * Coalesces calls: one runs at a time, with all items that came since the call before it began. The first call starts at once.
 */
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
