/**
 * Alarms whose pages replace those of their symptoms. A symptom names the causes that reach it: one fault, one page.
 */

/** The writer decides nothing. */
export const writerStands = ["WriterCannotWrite", "WriterCannotWrite-stalled", "OffsetsDisagree"] as const
/** Every transaction is slow. */
export const databaseIsSlow = "DatabaseLatencyHigh-page"
export const redisIsAway = "RedisAway"
export const kafkaRefuses = "ProduceErrors"
export const providerIsSlow = "CheckoutLatencyHigh"
