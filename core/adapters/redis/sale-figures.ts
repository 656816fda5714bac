import type { Redis } from "ioredis"
import { createLookAtMarks } from "./completeness.ts"
import { redisKeys } from "./keys.ts"

/** What Redis says of a sale. */
export interface RedisSale {
  readonly seq: number
  readonly total: number
  readonly reserved: number
  readonly sold: number
  readonly waitlisted: number
  /** Redis holds every live reservation of the sale. */
  readonly isComplete: boolean
}

/** Reads and removes the projections of sales. @throws when Redis does not answer */
export interface SaleFiguresReader {
  /** Undefined: Redis does not know the sale. */
  read(skuNo: number): Promise<RedisSale | undefined>
  /** Removes what Redis says of the sale, as if it had lost it: no decision changes, and the sweeper writes it again. */
  forget(skuNo: number): Promise<void>
}

export function createSaleFigures(redis: Redis): SaleFiguresReader {
  const lookAtMarks = createLookAtMarks(redis)
  return {
    async read(skuNo) {
      const key = redisKeys.sale(skuNo)
      const { seq, total, reserved, sold, waitlisted } = await redis.hgetall(key)
      if (seq === undefined) return undefined
      const [mark] = await lookAtMarks([key])
      return {
        ...{ seq: Number(seq), total: Number(total), reserved: Number(reserved), sold: Number(sold) },
        ...{ waitlisted: Number(waitlisted), isComplete: mark?.isComplete === true },
      }
    },
    async forget(skuNo) {
      await redis.del(redisKeys.sale(skuNo))
    },
  }
}
