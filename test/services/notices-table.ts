import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import dynalite from "dynalite"
import { noticeIndexes, noticesTableKey } from "../../core/contracts/notices.ts"

export interface NoticesTable {
  readonly client: DynamoDBClient
  readonly endpoint: string
  close(): Promise<void>
}

const attribute = (AttributeName: string, AttributeType: "S" | "N") => ({ AttributeName, AttributeType })

/** Starts a server in memory that checks conditions and shapes as DynamoDB does, with the table of the notices. */
export async function startNoticesTable(table: string): Promise<NoticesTable> {
  const server = dynalite({ createTableMs: 0 })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const client = new DynamoDBClient({ region: "eu-central-1", credentials, endpoint })
  const { byReservation, byState, sortKey } = noticeIndexes
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        attribute(noticesTableKey, "S"),
        attribute(byReservation.key, "S"),
        attribute(byState.key, "S"),
        attribute(sortKey, "N"),
      ],
      KeySchema: [{ AttributeName: noticesTableKey, KeyType: "HASH" }],
      GlobalSecondaryIndexes: [byReservation, byState].map(({ name, key }) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: key, KeyType: "HASH" as const },
          { AttributeName: sortKey, KeyType: "RANGE" as const },
        ],
        Projection: { ProjectionType: "ALL" as const },
      })),
    }),
  )
  return {
    client,
    endpoint,
    async close() {
      client.destroy()
      await promisify(server.close.bind(server))()
    },
  }
}
