import type { ProfileName } from "../measure/result.ts"

/** The SKUs of a baseline: one for the warm-up, which sells out during it, and the measured one. */
export const warmUpSku = 1
export const measuredSku = 2
/** Few enough to sell out: the requests after that show that nothing is oversold. */
export const warmUpStock = 200
export const warmUpSeconds = 1

/** Profiles that make sense without a queue: they differ in the stock. */
export const stockOf: Readonly<Partial<Record<ProfileName, number>>> = { "all-accepted": 1_000_000_000, "refused-only": 0 }
