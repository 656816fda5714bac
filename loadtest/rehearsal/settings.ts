/** The size of a sale. */
export interface SaleSize {
  readonly shoppers: number
  readonly stock: number
  /** Arrivals a second at the peak. */
  readonly peakPerSecond: number
}

/** The options of a rehearsal as they were given. */
export interface GivenOptions {
  /** The API's address, without a slash at its end. */
  readonly url: string
  /** What is not given follows from the probe of the machine, or is that of the reference shape. */
  readonly size: Partial<SaleSize>
  readonly holdSeconds: number
  /** The same seed plays the same shoppers at the same times. */
  readonly seed: number
  /** Shoppers look at the stock through a simulated edge, as in production. Without it every read goes to `url`. */
  readonly edge: boolean
  /** Logins made beforehand. The system is then a deployed one: it has its own edge and does not issue tokens to every client. */
  readonly tokensFile?: string
  readonly adminTokenFile?: string
  /** The file for the report in JSON. */
  readonly jsonFile?: string
}

/** The options of a rehearsal that can begin: its size is known. */
export type RehearsalOptions = Omit<GivenOptions, "size"> & SaleSize
