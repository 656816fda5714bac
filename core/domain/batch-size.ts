/** Records of a transaction of the writer, when no operator chose another number. */
export const defaultBatchRecords = 250
/** What operators may choose. */
export const leastBatchRecords = 10
export const mostBatchRecords = 1_000
/** Under a backlog a batch has so many times the records, up to the most: a larger batch costs less per record. */
const timesUnderBacklog = 4

/** @returns how many of the waiting records become one transaction. @param chosen what an operator chose, if they did */
export function batchSize(waiting: number, chosen: number = defaultBatchRecords): number {
  const underBacklog = Math.min(mostBatchRecords, chosen * timesUnderBacklog)
  return waiting > underBacklog ? underBacklog : chosen
}

/** The number that a setting holds; undefined for `default`, for nothing, and for a number out of bounds. */
export function chosenBatchSize(setting: unknown): number | undefined {
  const records = typeof setting === "string" ? Number(setting) : Number.NaN
  return Number.isInteger(records) && records >= leastBatchRecords && records <= mostBatchRecords ? records : undefined
}
