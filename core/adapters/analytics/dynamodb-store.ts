import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from "@aws-sdk/client-dynamodb"
import { analyticsTableKey } from "../../contracts/analytics.ts"
import { decodeState, encodeState } from "./state-codec.ts"
import type { AnalyticsStore, StoredPartition } from "./store.ts"

type Item = Record<string, AttributeValue>

/** A server that does not answer must not keep a delivery for longer; the SDK tries three times. */
const timeouts = { connectionTimeout: 1_000, requestTimeout: 3_000 }

/** A client in the region and with the role of this function. */
export const dynamoClient = (): DynamoDBClient => new DynamoDBClient({ requestHandler: timeouts })

/** The largest number of keys in one BatchGetItem. */
const keysPerRead = 100
/** A read of many items may be cut at 16 MB, and is continued. */
const maxReads = 20

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient
  readonly table: string
  readonly group: string
  /** Partitions of the topic: each has an item of its own, so that no key takes the writes of all. */
  readonly partitions: number
}

/**
 * Keeps the figures of a group in a DynamoDB table. Reads are strongly consistent. A write is one PutItem on condition of the
 * revision before it.
 */
export function createDynamoStore({ client, table, group, partitions }: DynamoStoreOptions): AnalyticsStore {
  const present = 0
  const everyPartition = Array.from({ length: partitions }, (_, partition) => partition)
  const keyOf = (place: number | "generation", archiveOf = present): Item => ({
    [analyticsTableKey.partition]: { S: `${group}/${place}` },
    [analyticsTableKey.sort]: { N: String(archiveOf) },
  })
  const itemOf = ({ partition, generation, revision, state }: StoredPartition, archiveOf = present): Item => ({
    ...keyOf(partition, archiveOf),
    partition: { N: String(partition) },
    generation: { N: String(generation) },
    revision: { N: String(revision) },
    ...(state.nextOffset !== undefined && { next_offset: { N: String(state.nextOffset) } }),
    state: { B: encodeState(state) },
    written_at: { S: new Date().toISOString() },
  })
  const read = (key: Item) => client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))
  const put = (input: Omit<PutItemCommandInput, "TableName">) => putIf(client, { TableName: table, ...input })

  return {
    async readGeneration() {
      const { Item: item } = await read(keyOf("generation"))
      return item === undefined ? 1 : numberIn(item, "generation")
    },
    beginGeneration: (generation) =>
      put({
        Item: { ...keyOf("generation"), generation: { N: String(generation) } },
        ConditionExpression: generation === 2 ? "attribute_not_exists(generation)" : "generation = :before",
        ...(generation > 2 && { ExpressionAttributeValues: { ":before": { N: String(generation - 1) } } }),
      }),
    async read(partition) {
      const { Item: item } = await read(keyOf(partition))
      return item && storedPartition(item)
    },
    readAll: () =>
      readMany(
        client,
        table,
        everyPartition.map((partition) => keyOf(partition)),
      ),
    write: (next) =>
      put({
        Item: itemOf(next),
        ConditionExpression: next.revision === 1 ? "attribute_not_exists(revision)" : "revision = :before",
        ...(next.revision > 1 && { ExpressionAttributeValues: { ":before": { N: String(next.revision - 1) } } }),
      }),
    async archive(last) {
      // An archive of a later revision stays: the call that wrote it knew more.
      await put({
        Item: itemOf(last, last.generation),
        ConditionExpression: "attribute_not_exists(revision) OR revision < :revision",
        ExpressionAttributeValues: { ":revision": { N: String(last.revision) } },
      })
    },
    readArchive: (generation) =>
      readMany(
        client,
        table,
        everyPartition.map((partition) => keyOf(partition, generation)),
      ),
  }
}

/** @returns false when the condition was not met */
async function putIf(client: DynamoDBClient, input: PutItemCommandInput): Promise<boolean> {
  try {
    await client.send(new PutItemCommand(input))
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

async function readMany(client: DynamoDBClient, table: string, keys: readonly Item[]): Promise<StoredPartition[]> {
  const items: Item[] = []
  let left = [...keys]
  for (let reads = 0; left.length > 0; reads++) {
    if (reads === maxReads) throw new Error(`DynamoDB did not return ${left.length} of ${keys.length} items of ${table}`)
    const [asked, later] = [left.slice(0, keysPerRead), left.slice(keysPerRead)]
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: asked, ConsistentRead: true } } }),
    )
    items.push(...(Responses?.[table] ?? []))
    left = [...((UnprocessedKeys?.[table]?.Keys as Item[] | undefined) ?? []), ...later]
  }
  return items.map(storedPartition)
}

function storedPartition(item: Item): StoredPartition {
  const state = item.state?.B
  if (state === undefined) throw new Error("An item of analytics has no state")
  return {
    partition: numberIn(item, "partition"),
    generation: numberIn(item, "generation"),
    revision: numberIn(item, "revision"),
    state: decodeState(state, item.next_offset === undefined ? undefined : numberIn(item, "next_offset")),
  }
}

function numberIn(item: Item, name: string): number {
  const value = item[name]?.N
  if (value === undefined) throw new Error(`An item of analytics has no ${name}`)
  return Number(value)
}
