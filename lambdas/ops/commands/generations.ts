import { acceptingSales, type Generation, readGenerations } from "../../../core/adapters/postgres/generations.ts"
import { logger } from "../../../core/adapters/telemetry.ts"
import { timestampOf } from "../../../core/contracts/http/primitives.ts"
import type { Generations, generationCommands } from "../../../core/contracts/operations/generations.ts"
import { kafkaOffsetOf, recordsBetween } from "../../../core/domain/log-generations.ts"
import { endInForce } from "../../../core/workflows/generations/end-generation.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/** The generations of the topic of requests. */
export const generationHandlers: Handlers<keyof typeof generationCommands> = {
  generations: shown,
  "generation-end": async (parts, { lost, operator }) => {
    const { endOffsets } = await parts.queue()
    await endInForce({ pool: await parts.adminPool(), endOffsets, log: parts.log }, { lost, operator })
    return shown(parts)
  },
}

async function shown(parts: OpsParts): Promise<Generations> {
  const pool = await parts.readerPool()
  const known = await readGenerations(pool, parts.log.topics)
  return {
    in_force: parts.log.generation,
    generations: await Promise.all(known.map((each) => generationNow(parts, each))),
    accepting: await acceptingSales(pool),
  }
}

async function generationNow(parts: OpsParts, known: Generation): Promise<Generations["generations"][number]> {
  const { generation, topic, watermarks, ended } = known
  const ends = await endsOf(parts, topic)
  const partitions = [...watermarks].map(([partition, watermark]) => ({ partition, watermark, end: ends?.get(partition) }))
  return {
    ...{ generation, topic },
    ended: ended ? { lost: ended.lost, by: ended.by, at: timestampOf(ended.at) } : null,
    waiting: ends ? partitions.reduce((sum, { watermark, end = 0 }) => sum + recordsBetween(watermark, end), 0) : null,
    partitions: partitions.map(({ partition, watermark, end }) => ({
      ...{ partition, watermark: kafkaOffsetOf(watermark), end_offset: end === undefined ? null : kafkaOffsetOf(end) },
    })),
  }
}

/** Undefined while the brokers do not answer, or no longer have the topic. */
async function endsOf(parts: OpsParts, topic: string): Promise<ReadonlyMap<number, number> | undefined> {
  try {
    return await (await parts.queue()).endOffsets(topic)
  } catch (error) {
    logger.warn("Kafka did not tell the end of a topic; the generation is shown without it", { topic, error: error as Error })
    return undefined
  }
}
