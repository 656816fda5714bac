/**
 * Works on items in parallel, at most `width` at once, in the order of the list.
 *
 * @param timeLeftMs called before each item; when no time is left, no further item begins
 * @returns the results of the items that began, in their order; the work returns its failures as values
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
