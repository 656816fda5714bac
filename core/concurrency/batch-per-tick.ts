import { type PendingCall, type SendAll, settleTogether } from "./pending-calls.ts"

/** Items of one call at most: Redis serves nobody else while a script runs. */
export const maxItemsPerCall = 128

/**
 * Batches the calls of a turn of the event loop: a script that takes many items costs client and server hardly more than one that
 * takes one. No call waits for others to come: what a turn brings goes out when the turn ends, beside the batches that still run.
 */
export function batchPerTick<Item, Answer>(send: SendAll<Item, Answer>): (item: Item) => Promise<Answer> {
  let calls: PendingCall<Item, Answer>[] = []

  const flush = () => {
    const flushed = calls
    calls = []
    for (let from = 0; from < flushed.length; from += maxItemsPerCall) {
      void settleTogether(flushed.slice(from, from + maxItemsPerCall), send)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (calls.length === 0) setImmediate(flush)
      calls.push({ item, resolve, reject })
    })
}
