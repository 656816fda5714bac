/** Concurrent calls for the same key share one result. */
export interface SingleFlight<Result> {
  /** The result of the call that runs for the key, if one runs. */
  running(key: string): Promise<Result> | undefined
  /** Joins the call that runs for the key, or makes one. A failure reaches every caller that joined. */
  run(key: string, make: () => Promise<Result>): Promise<Result>
}

/** Coalesces the calls of this process. It holds one key for each running call. */
export function createSingleFlight<Result>(): SingleFlight<Result> {
  const results = new Map<string, Promise<Result>>()
  return {
    running: (key) => results.get(key),
    run(key, make) {
      const known = results.get(key)
      if (known !== undefined) return known
      const result = make().finally(() => results.delete(key))
      results.set(key, result)
      return result
    },
  }
}
