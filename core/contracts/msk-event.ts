/** A record as an MSK event source mapping delivers it; key and value are base64, and absent where Kafka has null. */
export interface MskRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly key?: string | null
  readonly value?: string | null
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[]
}

/** A delivery: records by `topic-partition`, each list in offset order. */
export interface MskEvent {
  readonly eventSource: "aws:kafka"
  readonly eventSourceArn: string
  readonly bootstrapServers: string
  readonly records: Readonly<Record<string, readonly MskRecord[]>>
}

/** The first record of each partition that was not processed; it and those after it are delivered again. */
export interface MskResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: { readonly partition: string; readonly offset: number } }[]
}
