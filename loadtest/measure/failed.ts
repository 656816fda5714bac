/** The measurement is not valid: a guarantee did not hold, or the work was not done. The benchmark exits with 1. */
export class BenchFailed extends Error {
  override readonly name = "BenchFailed"
}
