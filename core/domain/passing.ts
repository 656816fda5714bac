import { maxPassed } from "./sale.ts"

/**
 * Counts, during one transaction, how often the waitlist is passed: an entry for which there is not enough waits while later
 * requests get units. After `maxPassed` passes no request behind that entry gets units before it (ADR 0024).
 */
export class Passing {
  /** Passes of the first waiting entry that a later release can serve. No entry behind it was passed more often. */
  #passed: number | undefined

  /** An entry waits that could be served later. @param passed how often it was passed before */
  waits(passed: number): void {
    this.#passed ??= passed
  }

  /** Units are given to a request or an entry behind those that wait. */
  pass(): void {
    if (this.#passed !== undefined) this.#passed += 1
  }

  /** True when free units are kept for an entry that was passed too often. */
  get keepsUnits(): boolean {
    return (this.#passed ?? 0) >= maxPassed
  }
}
