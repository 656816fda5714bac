import type { StageConfig } from "../config.ts"

/**
 * The service levels demand this in every stage: a record waits for no batch and is never dropped, and pollers run before the
 * sale.
 */
export const eventSources: StageConfig["eventSources"] = {
  reservationRequests: {
    batchSize: 2_000,
    maximumBatchingWindowSeconds: 0,
    pollers: { minimum: 2, maximum: 2 },
    retryAttempts: -1,
  },
  reservationEvents: {
    batchSize: 500,
    maximumBatchingWindowSeconds: 0,
    pollers: { minimum: 1, maximum: 1 },
    retryAttempts: -1,
  },
}

/** The times of lambdas/expiry-sweeper; a test compares the two. */
export const expiry: StageConfig["expiry"] = { sweepIntervalSeconds: 5, invocationSeconds: 120, scheduleSeconds: 60 }

/** Managed instances take minutes to start. The last holds end two minutes after the close. */
export const warmUp: StageConfig["warmUp"] = { minutesBefore: 15, minutesAfter: 5 }
