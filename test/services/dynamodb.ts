import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import dynalite from "dynalite"
import { analyticsTableKey as tableKey } from "../../core/contracts/analytics.ts"

export interface TestDynamo {
  readonly endpoint: string
  readonly client: DynamoDBClient
  close(): Promise<void>
}

/** The server takes any region and credentials. */
const settings = { region: "eu-central-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } }

/** Starts a server in memory that checks conditions, sizes and shapes as DynamoDB does, with the table of analytics. */
export async function startDynamo(table: string): Promise<TestDynamo> {
  const server = dynalite({ createTableMs: 0 })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({ ...settings, endpoint })
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: tableKey.partition, AttributeType: "S" },
        { AttributeName: tableKey.sort, AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: tableKey.partition, KeyType: "HASH" },
        { AttributeName: tableKey.sort, KeyType: "RANGE" },
      ],
    }),
  )
  return {
    ...{ endpoint, client },
    async close() {
      client.destroy()
      await promisify(server.close.bind(server))()
    },
  }
}
