/**
 * Works on items side by side, at most `width` at once, in order of their arrival.
 *
 * @param timeLeftMs asked before each item; once it is used up no further item is begun
 * @returns the results of the items that were begun, in their order; work reports its failures as values
 */
export async function mapInParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
  timeLeftMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<Result[]> {
  const results: Promise<Result>[] = []
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) {
      if (timeLeftMs() <= 0) return
      const result = work(item)
      results.push(result)
      await result
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return Promise.all(results)
}
