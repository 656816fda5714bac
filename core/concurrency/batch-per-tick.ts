import { type PendingCall, type SendAll, settleTogether } from "./pending-calls.ts"

/** Items of one call at most: Redis runs no other command while a script runs. */
export const maxItemsPerCall = 128

/**
 * Batches the calls of one turn of the event loop: for client and server, a script with many items costs hardly more than a
 * script with one. No call waits for later calls: the batch is sent when the turn ends, also while earlier batches still run.
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
