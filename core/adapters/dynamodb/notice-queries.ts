import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb"
import { noticeIndexes } from "../../contracts/notices.ts"
import { type NoticeState, noticeStates } from "../../domain/notices/notice.ts"
import type { NoticeQuery, NoticeRecord } from "../notices/notice-store.ts"
import { recordOf, shardOf, stateShards } from "./notice-items.ts"

/** Notices for an operator, the last changed first: of a reservation, or of one state or all. */
export async function listNotices(
  client: DynamoDBClient,
  table: string,
  { reservationId, state, limit }: NoticeQuery,
): Promise<NoticeRecord[]> {
  const read = async ({ name, key }: { readonly name: string; readonly key: string }, value: string) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: name,
        KeyConditionExpression: "#key = :value",
        ExpressionAttributeNames: { "#key": key },
        ExpressionAttributeValues: { ":value": { S: value } },
        ScanIndexForward: false,
        Limit: limit,
      }),
    )
    return Items.map(recordOf)
  }
  const found =
    reservationId === undefined
      ? await Promise.all(
          shardsOf(state === undefined ? noticeStates : [state]).map((shard) => read(noticeIndexes.byState, shard)),
        )
      : [await read(noticeIndexes.byReservation, reservationId)]
  return found
    .flat()
    .filter((notice) => state === undefined || notice.state === state)
    .sort((a, b) => b.changedAtMs - a.changedAtMs)
    .slice(0, limit)
}

const shardsOf = (states: readonly NoticeState[]): string[] =>
  states.flatMap((state) => Array.from({ length: stateShards }, (_, shard) => shardOf(state, shard)))
