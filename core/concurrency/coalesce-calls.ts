import { setTimeout as delay } from "node:timers/promises"

interface Call<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export interface CoalesceOptions {
  /** Items of one call at most; those beyond wait for the next. */
  readonly maxItems: number
  /** From the start of a call to the start of the next at least. */
  readonly intervalMs?: number
}

/**
 * Makes calls in company: one at a time, which takes all that arrived since the one before began. The first waits for nobody.
 *
 * @param send makes one call for some items and answers for each in its order; when it fails, it has failed for all of them
 */
export function coalesceCalls<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { maxItems, intervalMs = 0 }: CoalesceOptions,
): (item: Item) => Promise<Answer> {
  const waiting: Call<Item, Answer>[] = []
  let underWay = false

  const sendAll = async () => {
    underWay = true
    while (waiting.length > 0) {
      const interval = intervalMs > 0 ? delay(intervalMs) : undefined
      const calls = waiting.splice(0, maxItems)
      try {
        const answers = await send(calls.map(({ item }) => item))
        for (const [index, { resolve }] of calls.entries()) resolve(answers[index] as Answer)
      } catch (error) {
        for (const { reject } of calls) reject(error)
      }
      await interval
    }
    underWay = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!underWay) void sendAll()
    })
}
