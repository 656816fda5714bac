/** Calls for the same key while one is under way share its result. */
export interface SingleFlight<Result> {
  /** The result that is under way for the key, if any. */
  underWay(key: string): Promise<Result> | undefined
  /** Joins what is under way for the key, or makes it. A failure is everybody's who joined. */
  run(key: string, make: () => Promise<Result>): Promise<Result>
}

/** Coalesces the calls of this process; it holds as many keys as calls are under way. */
export function createSingleFlight<Result>(): SingleFlight<Result> {
  const results = new Map<string, Promise<Result>>()
  return {
    underWay: (key) => results.get(key),
    run(key, make) {
      const known = results.get(key)
      if (known !== undefined) return known
      const result = make().finally(() => results.delete(key))
      results.set(key, result)
      return result
    },
  }
}
