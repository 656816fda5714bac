import fc from "fast-check"
import { expect, test } from "vitest"
import { mostGenerations } from "../../../core/contracts/topics.ts"
import {
  firstOffsetOfGeneration,
  generationOfOffset,
  kafkaOffsetOf,
  offsetsPerGeneration,
  recordsBetween,
} from "../../../core/domain/log-generations.ts"

const anyGeneration = fc.integer({ min: 1, max: mostGenerations })
const anyKafkaOffset = fc.maxSafeNat().map((offset) => offset % offsetsPerGeneration)
const anyPlace = fc.record({ generation: anyGeneration, offset: anyKafkaOffset })
const over = ({ generation, offset }: { generation: number; offset: number }) => firstOffsetOfGeneration(generation) + offset

test("an offset names its generation and the offset that Kafka knows, and is exact", () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      const offset = over(place)
      expect(Number.isSafeInteger(offset)).toBe(true)
      expect({ generation: generationOfOffset(offset), offset: kafkaOffsetOf(offset) }).toEqual(place)
    }),
  )
})

test("the first generation has Kafka's own offsets", () => {
  fc.assert(fc.property(anyKafkaOffset, (offset) => over({ generation: 1, offset }) === offset))
})

test("offsets are in the order of generation and offset", () => {
  fc.assert(
    fc.property(anyPlace, anyPlace, (a, b) => {
      const isBefore = a.generation < b.generation || (a.generation === b.generation && a.offset < b.offset)
      expect(over(a) < over(b)).toBe(isBefore)
    }),
  )
})

test("between a watermark and an offset are the records of the offset's own generation, and never less than none", () => {
  fc.assert(
    fc.property(anyPlace, anyPlace, (watermark, place) => {
      const waiting = recordsBetween(over(watermark), over(place))
      if (watermark.generation === place.generation) expect(waiting).toBe(Math.max(0, place.offset - watermark.offset))
      else expect(waiting).toBe(watermark.generation < place.generation ? place.offset : 0)
    }),
  )
})
