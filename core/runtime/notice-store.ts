import * as z from "zod"
import type { NoticeStore } from "../adapters/notices/notice-store.ts"
import { deleteOldNotices, postgresNoticeStore } from "../adapters/postgres/notices.ts"
import { logger } from "../adapters/telemetry.ts"
import { functionConfig } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"

/** The table of the notices; without it they are in PostgreSQL (the local run). */
const storeEnvironment = { NOTICES_TABLE: z.string().min(1).optional() }

/** Connections of a process to the notices in PostgreSQL. */
const poolSize = 4
/** Of one call to DynamoDB; the client repeats it three times. */
const callTimeoutMs = 3_000

/** The records of notices, of the environment. */
export async function openNoticeStore(resources: Resources): Promise<NoticeStore> {
  const { NOTICES_TABLE: table } = functionConfig(storeEnvironment)
  if (table === undefined) {
    const pool = await openPool(resources, { role: "notifier", size: poolSize })
    // DynamoDB deletes old notices by itself.
    deleteOldNotices(pool).catch((error: Error) =>
      logger.warn("Old notices are not deleted; the next start tries again", { error }),
    )
    return postgresNoticeStore(pool)
  }
  // Only where there is a table: the client takes a tenth of a second to load.
  const [{ DynamoDBClient }, { dynamoNoticeStore }] = await Promise.all([
    import("@aws-sdk/client-dynamodb"),
    import("../adapters/dynamodb/notices.ts"),
  ])
  const requestHandler = { connectionTimeout: callTimeoutMs, requestTimeout: callTimeoutMs, throwOnRequestTimeout: true }
  const client = resources.own(new DynamoDBClient({ requestHandler }), { close: (one) => one.destroy() })
  return dynamoNoticeStore(client, table)
}
