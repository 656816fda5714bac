/**
 * Alarms whose pages replace those of their symptoms. A symptom names the causes that reach it: one fault, one page.
 */

/**
 * The writer decides nothing. Decisions are late within a second of that, and the page on a standstill needs ten: the alarm on a
 * pause holds the symptoms back meanwhile.
 */
export const writerStands = [
  "WriterCannotWrite",
  "WriterCannotWrite-stalled",
  "WriterCannotWrite-pause",
  "OffsetsDisagree",
] as const
/** Every transaction is slow. */
export const databaseIsSlow = "DatabaseLatencyHigh-page"
export const redisIsAway = "RedisAway"
export const kafkaRefuses = "ProduceErrors"
export const providerIsSlow = "CheckoutLatencyHigh"
