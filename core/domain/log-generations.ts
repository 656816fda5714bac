/**
 * The generations of the request log. Offsets identify requests, and a new topic counts them from 0 again: so a topic that is
 * lost, or needs other settings than it can get, is followed by a topic of another name, its next generation.
 *
 * An offset here goes on over all generations: generation 1 has the offsets from 0, generation 2 those from 2^40, and so on.
 * Kafka's own offset is the part within the generation. So an offset names its generation, a later request has a greater offset
 * than an earlier one, and watermarks, ledger entries, receipts and positions in Redis are compared as in one generation. Only
 * the code that speaks to Kafka adds and subtracts the first offset.
 */
export const offsetsPerGeneration = 2 ** 40

/** The first offset of a generation. @param generation from 1 */
export const firstOffsetOfGeneration = (generation: number): number => (generation - 1) * offsetsPerGeneration

/** The generation of an offset, from 1. */
export const generationOfOffset = (offset: number): number => Math.floor(offset / offsetsPerGeneration) + 1

/** The offset that Kafka knows in the topic of its generation. */
export const kafkaOffsetOf = (offset: number): number => offset % offsetsPerGeneration

/**
 * Records between a watermark and an offset. A watermark of an earlier generation stands for the beginning of the offset's own
 * generation: nothing is decided in a generation before every one before it has ended. There is none before the first.
 */
export const recordsBetween = (watermark: number, offset: number): number => {
  const beginning = offset - kafkaOffsetOf(offset)
  return Math.max(0, offset - (beginning === 0 ? watermark : Math.max(watermark, beginning)))
}
