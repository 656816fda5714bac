import type { QueueProgress } from "../../domain/queue-estimate.ts"

/** The progress of a partition, from the fields `next` and `rate` of its key. A field that Redis does not have is left out. */
export const progressOf = (next: unknown, rate: unknown): QueueProgress => ({
  ...(next != null && { nextOffset: Number(next) }),
  ...(rate != null && { decisionsPerSecond: Number(rate) }),
})
