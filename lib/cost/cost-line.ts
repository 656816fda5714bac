/** One component of a bill. */
export interface CostLine {
  readonly component: string
  readonly usd: number
  /** The quantities behind it, for people. */
  readonly basis: string
}
