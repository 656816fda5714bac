import type { StageConfig } from "../config.ts"

/** What the service levels dictate in every stage: a record waits for no batch, is never dropped, and pollers are there before the sale. */
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

/** As lambdas/expiry-sweeper runs; a test compares the two. */
export const expiry: StageConfig["expiry"] = { sweepIntervalSeconds: 5, invocationSeconds: 120, scheduleSeconds: 60 }

/** Managed instances take minutes to start; holds of the last winners end two minutes after the close. */
export const warmUp: StageConfig["warmUp"] = { minutesBefore: 15, minutesAfter: 5 }
