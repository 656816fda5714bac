/** What was measured is worth nothing: a guarantee did not hold, or the work was not done. The benchmark ends with 1. */
export class BenchFailed extends Error {
  override readonly name = "BenchFailed"
}
