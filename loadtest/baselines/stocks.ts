import type { ProfileName } from "../measure/result.ts"

/** SKUs of a baseline: one to warm up with, which sells out meanwhile, and the measured one. */
export const warmUpSku = 1
export const measuredSku = 2
/** Few enough to be sold out: what follows shows that nothing is oversold. */
export const warmUpStock = 200
export const warmUpSeconds = 1

/** Profiles that make sense without a line: it is the stock that differs. */
export const stockOf: Readonly<Partial<Record<ProfileName, number>>> = { "all-accepted": 1_000_000_000, "refused-only": 0 }
