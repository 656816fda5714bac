import type { MSKEvent, MSKRecord } from "aws-lambda"

/*
 * The types of `@types/aws-lambda`, corrected where they differ from what MSK delivers: key and value of a tombstone are absent
 * (aws-powertools/powertools-lambda-typescript#5016). The writer decodes records by hand, because a schema for the envelope costs
 * more than deciding the requests in it. Consumers of events, which are not on the hot path, have a schema (event-delivery.ts).
 */

type BytesAsBase64 = string | null

/** A record as an MSK event source mapping delivers it; key and value are base64, and absent where Kafka has null. */
export type MskRecord = Readonly<Omit<MSKRecord, "key" | "value">> & {
  readonly key?: BytesAsBase64
  readonly value?: BytesAsBase64
}

/** A delivery: records by `topic-partition`, each list in offset order. */
export type MskEvent = Readonly<Omit<MSKEvent, "records">> & {
  readonly records: Readonly<Record<string, readonly MskRecord[]>>
}

/**
 * The first record of each partition that was not processed; it and those after it are delivered again. `@types/aws-lambda` has
 * this answer for SQS and streams, whose item identifiers are strings.
 */
export interface MskResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: { readonly partition: string; readonly offset: number } }[]
}
