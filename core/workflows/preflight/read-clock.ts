import type { ClockReading } from "../../domain/preflight/clocks.ts"

/** The shortest of a few round trips says most. */
const readings = 5

/** Reads another clock a few times, one after the other. @throws what `read` throws */
export async function readClockTimes(read: () => Promise<number>): Promise<ClockReading[]> {
  const found: ClockReading[] = []
  for (let reading = 0; reading < readings; reading += 1) {
    const sentMs = Date.now()
    const begunMs = performance.now()
    const theirsMs = await read()
    found.push({ theirsMs, sentMs, receivedMs: sentMs + performance.now() - begunMs })
  }
  return found
}
