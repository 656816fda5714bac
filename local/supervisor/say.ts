/** The bootstrap starts before this process; the time until ready is counted from its start. */
const startedAtMs = Number(process.env.FLASH_SALE_STARTED_AT_MS ?? performance.timeOrigin)

/** Seconds since `npm start`. */
export const secondsSinceStart = (): number => (Date.now() - startedAtMs) / 1_000

/** Prints one progress line. */
export function say(line: string): void {
  process.stdout.write(`[${secondsSinceStart().toFixed(1).padStart(5)} s] ${line}\n`)
}

/** An error that the user can correct. It is printed without a stack. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}
