import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb"
import { analyticsTableKey } from "../../core/contracts/analytics.ts"
import { noticeIndexes, noticesTableKey } from "../../core/contracts/notices.ts"

const attribute = (AttributeName: string, AttributeType: "S" | "N") => ({ AttributeName, AttributeType })
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
]

/** The table of analytics, as the stack of the data makes it. */
export const analyticsTable = (name: string): CreateTableCommandInput => ({
  TableName: name,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [attribute(analyticsTableKey.partition, "S"), attribute(analyticsTableKey.sort, "N")],
  KeySchema: keys(analyticsTableKey.partition, analyticsTableKey.sort),
})

const { byReservation, byState, sortKey } = noticeIndexes

/** The table of the notices, as the stack of the data makes it. */
export const noticesTable = (name: string): CreateTableCommandInput => ({
  TableName: name,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    attribute(noticesTableKey, "S"),
    attribute(byReservation.key, "S"),
    attribute(byState.key, "S"),
    attribute(sortKey, "N"),
  ],
  KeySchema: [{ AttributeName: noticesTableKey, KeyType: "HASH" }],
  GlobalSecondaryIndexes: [byReservation, byState].map(({ name: IndexName, key }) => ({
    IndexName,
    KeySchema: keys(key, sortKey),
    Projection: { ProjectionType: "ALL" as const },
  })),
})
