/** Items of one call at most: Redis serves nobody else while a script runs. */
export const maxItemsPerCall = 128

/**
 * Makes one call of all calls of a turn of the event loop, as a script that takes many items costs client and server hardly more than one
 * that takes one. Nothing waits for company: what a turn brings goes out when the turn ends.
 *
 * @param send makes one call for some items and answers for each in its order
 */
export function batchPerTick<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let calls: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = []

  const flush = () => {
    const flushed = calls
    calls = []
    for (let from = 0; from < flushed.length; from += maxItemsPerCall) {
      const group = flushed.slice(from, from + maxItemsPerCall)
      send(group.map(({ item }) => item)).then(
        (answers) => {
          for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer)
        },
        (error) => {
          for (const { reject } of group) reject(error)
        },
      )
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (calls.length === 0) setImmediate(flush)
      calls.push({ item, resolve, reject })
    })
}
