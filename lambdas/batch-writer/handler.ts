import type { Context } from "aws-lambda"
import { count, countWork, flushBeforeFreeze, logger } from "../../core/adapters/telemetry.ts"
import type { MskEvent, MskRecord, MskResponse } from "../../core/contracts/msk-event.ts"
import { deliveryAnswer } from "../../core/runtime/delivery-answer.ts"
import { functionConfig, postgresEnvironment, redisEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { failpoint } from "../../core/runtime/failpoint.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { requestsLog } from "../../core/runtime/requests-log.ts"
import { openTransitionParts } from "../../core/runtime/transition-runtime.ts"
import { warmAtInit } from "../../core/runtime/warm-up/at-init.ts"
import { OffsetsDisagree } from "./batch.ts"
import { prepareDeliveries } from "./warm-up.ts"
import { createWriter } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment })

/** Time kept for the answer, so that an outage ends in a redelivery and not in a timeout. */
const answerMarginMs = 2_000

export const runtime = defineRuntime(
  async (resources) => ({
    ...createWriter(await openTransitionParts(resources, { poolSize: config.DATABASE_POOL_SIZE, reach: failpoint("writer") })),
    firstOffsetOf: requestsLog().firstOffsetOf,
  }),
  { eager: true },
)

/**
 * `reservation-requests`: decides the queued requests of each partition, in order. Records that could not be written are
 * delivered again.
 */
export async function handler(event: MskEvent, context: Context): Promise<MskResponse> {
  const { write, firstOffsetOf } = await runtime.open()
  const timeLeftMs = () => context.getRemainingTimeInMillis() - answerMarginMs
  // The writer decodes the records by hand: parsing the envelope with a schema costs more than deciding the requests in it.
  const results = await Promise.all(
    Object.entries(event.records).map(async ([name, records]) => {
      const [first] = records
      if (first === undefined) return []
      const firstOffset = firstOffsetOf(first.topic)
      const result = await write(first.topic, first.partition, overGenerations(records, firstOffset), timeLeftMs)
      if (result.kind === "written") return []
      report(name, result.error)
      const offset = result.firstUnprocessed - firstOffset
      countWork(0, records.filter((record) => record.offset >= offset).length)
      return [{ itemIdentifier: { partition: name, offset } }]
    }),
  )
  flushBeforeFreeze()
  return deliveryAnswer({ batchItemFailures: results.flat() })
}

export const rounds = prepareDeliveries(handler)

await warmAtInit(runtime, rounds)

function report(partition: string, error: unknown): void {
  if (error instanceof OffsetsDisagree) {
    count("offsets.disagree")
    logger.critical("OffsetsDisagree: the partition stops", { partition, error })
  } else logger.error("The delivery was not finished and is delivered again", { partition, error: error as Error })
}

/** The records with their offsets over all generations of the log; in the first one they have those of Kafka. */
const overGenerations = (records: readonly MskRecord[], firstOffset: number): readonly MskRecord[] =>
  firstOffset === 0 ? records : records.map((record) => ({ ...record, offset: firstOffset + record.offset }))
