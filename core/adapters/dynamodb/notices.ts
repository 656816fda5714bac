import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb"
import type { NoticeState } from "../../domain/notices/notice.ts"
import type { NoticeKey, NoticeStore } from "../notices/notice-store.ts"
import { changeOf, idOf, itemOf } from "./notice-items.ts"
import { listNotices } from "./notice-queries.ts"

/** The item that holds the current generation. No event has this id. */
const generationId = { id: { S: "generation" } }

const isMissing = "attribute_not_exists(id)"
/** `state` is a word of DynamoDB's own. */
const names = { "#state": "state" }

/** The notices in DynamoDB, for a deployed stage. */
export function dynamoNoticeStore(client: DynamoDBClient, table: string): NoticeStore {
  const Key = (key: NoticeKey) => ({ id: { S: idOf(key) } })

  /** Changes a notice on a condition. @returns false when the condition does not hold */
  async function change(
    key: NoticeKey,
    { state, reason, messageId }: { state: NoticeState; reason?: string | undefined; messageId?: string | undefined },
    condition: string,
    values: Record<string, AttributeValue>,
  ): Promise<boolean> {
    const set = changeOf(key, state, Date.now(), { reason, messageId })
    return onCondition(() =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: Key(key),
          UpdateExpression: set.expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: { ...set.values, ...values },
        }),
      ),
    )
  }

  return {
    async generation() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: generationId, ConsistentRead: true }))
      return Number(Item?.number?.N ?? 1)
    },
    async nextGeneration() {
      // The first generation has no item: it begins with 1, and the next one is 2.
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: generationId,
          UpdateExpression: "SET #number = if_not_exists(#number, :first) + :one",
          ExpressionAttributeNames: { "#number": "number" },
          ExpressionAttributeValues: { ":first": { N: "1" }, ":one": { N: "1" } },
          ReturnValues: "UPDATED_NEW",
        }),
      )
      return Number(Attributes?.number?.N)
    },
    async record(notice, state, attempt) {
      const Item = itemOf(notice, state, attempt, Date.now())
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item,
            ConditionExpression: isMissing,
          }),
        )
        return undefined
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        const { Item: known } = await client.send(
          new GetItemCommand({ TableName: table, Key: Key(notice), ConsistentRead: true }),
        )
        // Its sender released it between the two calls.
        if (known === undefined) throw new Error("A notice was recorded by another sender, and was not sent")
        // The client repeats a call whose answer was lost, and then finds what it wrote itself.
        return known.attempt?.S === attempt ? undefined : (known.state?.S as NoticeState)
      }
    },
    async settle(key, attempt, outcome) {
      await change(key, outcome, "attempt = :attempt AND #state IN (:intended, :unknown)", {
        ":attempt": { S: attempt },
        ":intended": { S: "INTENDED" },
        ":unknown": { S: "UNKNOWN" },
      })
    },
    async release(key, attempt) {
      await onCondition(() =>
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: Key(key),
            ConditionExpression: "attempt = :attempt AND #state = :intended",
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: { ":attempt": { S: attempt }, ":intended": { S: "INTENDED" } },
          }),
        ),
      )
    },
    giveUp: (key) =>
      change(key, { state: "UNKNOWN", reason: "sender-ended" }, "#state = :intended", { ":intended": { S: "INTENDED" } }),
    report(key, state, reason) {
      const earlier = ["INTENDED", "SENT", "UNKNOWN", ...(state === "COMPLAINED" ? ["BOUNCED"] : [])]
      const values = Object.fromEntries(earlier.map((one) => [`:${one.toLowerCase()}`, { S: one }]))
      return change(key, { state, reason }, `#state IN (${Object.keys(values).join(", ")})`, values)
    },
    list: (query) => listNotices(client, table, query),
  }
}

/** @returns false when the condition of the call does not hold */
async function onCondition(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
