/**
 * Settles as the promise does, or fails at `endsAtMs` (performance.now()); a later result is ignored.
 * @throws Error with that message
 */
export async function withDeadline<T>(endsAtMs: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), Math.max(0, endsAtMs - performance.now()))
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
