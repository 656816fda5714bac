import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import dynalite from "dynalite"

export interface TestDynamo {
  readonly endpoint: string
  readonly client: DynamoDBClient
  close(): Promise<void>
}

/** The server takes any region and credentials. */
const settings = { region: "eu-central-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } }

/** Starts a server in memory that checks conditions, sizes and shapes as DynamoDB does, with these tables. */
export async function startDynamo(...tables: readonly CreateTableCommandInput[]): Promise<TestDynamo> {
  const server = dynalite({ createTableMs: 0 })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({ ...settings, endpoint })
  for (const table of tables) await client.send(new CreateTableCommand(table))
  return {
    ...{ endpoint, client },
    async close() {
      client.destroy()
      await promisify(server.close.bind(server))()
    },
  }
}
