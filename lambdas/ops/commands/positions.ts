import { oldestUnpublished, readProgress } from "../../../core/adapters/postgres/lag.ts"
import type { Lag } from "../../../core/contracts/operations/verification.ts"
import { kafkaOffsetOf, recordsBetween } from "../../../core/domain/log-generations.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/** Positions in the queue and the ledger. */
export const positionHandlers: Handlers<"lag"> = { lag: readLag }

/** Watermarks are read before the end offsets: a decision in between makes the lag look larger, never negative. */
async function readLag(parts: OpsParts): Promise<Lag> {
  const { endOffsets, requestsTopic } = await parts.queue()
  const pool = await parts.readerPool()
  const { watermarks } = await readProgress(pool, requestsTopic)
  const ends = await endOffsets(requestsTopic)
  const partitions = [...ends].sort(([a], [b]) => a - b)
  return {
    partitions: partitions.map(([partition, end_offset]) => {
      const watermark = watermarks.get(partition) ?? null
      return {
        ...{ partition, watermark: watermark === null ? null : kafkaOffsetOf(watermark), end_offset: kafkaOffsetOf(end_offset) },
        lag: recordsBetween(watermark ?? 0, end_offset),
      }
    }),
    unpublished: (await oldestUnpublished(pool)) ?? null,
  }
}
