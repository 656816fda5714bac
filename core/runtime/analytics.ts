import * as z from "zod"
import { createPostgresStore } from "../adapters/analytics/postgres-store.ts"
import { reportFolder, type WriteReport } from "../adapters/analytics/reports.ts"
import type { AnalyticsStore } from "../adapters/analytics/store.ts"
import type { GroupName } from "../contracts/consumer-groups.ts"
import { topics } from "../contracts/topics.ts"
import { openBucket } from "./buckets.ts"
import { functionConfig } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"

/** The consumer group whose figures are kept. */
export const analyticsGroup = "analytics" satisfies GroupName

/**
 * Where the figures are. On AWS ANALYTICS_TABLE names the table of DynamoDB, and ANALYTICS_BUCKET the bucket of the reports.
 * Without them the figures are in PostgreSQL, and the reports in ANALYTICS_FOLDER.
 */
const analyticsEnvironment = {
  ANALYTICS_TABLE: z.string().optional(),
  ANALYTICS_BUCKET: z.string().optional(),
  /** Only for a bucket that is not at S3's own address. */
  ANALYTICS_BUCKET_URL: z.url().optional(),
  ANALYTICS_FOLDER: z.string().optional(),
}

/** Partitions are counted one after the other by most processes, so few connections suffice. */
const poolSize = 2

/** The figures of the consumer group. @throws Error when the environment names no server */
export async function openAnalyticsStore(resources: Resources): Promise<AnalyticsStore> {
  const { ANALYTICS_TABLE: table } = functionConfig(analyticsEnvironment)
  if (table === undefined) {
    return createPostgresStore(await openPool(resources, { role: "analytics", size: poolSize }), analyticsGroup)
  }
  // Only where there is a table: the client takes a tenth of a second to load.
  const { createDynamoStore, dynamoClient } = await import("../adapters/analytics/dynamodb-store.ts")
  const client = resources.own(dynamoClient(), { close: (each) => each.destroy() })
  return createDynamoStore({ client, table, group: analyticsGroup, partitions: topics.reservationEvents.partitions })
}

/** Writes reports to the bucket or to the folder that the environment names. @throws Error when it names neither */
export function openReports(): WriteReport {
  const { ANALYTICS_BUCKET: bucket, ANALYTICS_BUCKET_URL: url, ANALYTICS_FOLDER: folder } = functionConfig(analyticsEnvironment)
  if (bucket !== undefined) return openBucket(bucket, url)
  if (folder !== undefined) return reportFolder(folder)
  throw new Error("Neither ANALYTICS_BUCKET nor ANALYTICS_FOLDER is set: analytics cannot write its reports")
}
