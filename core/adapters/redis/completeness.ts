import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"
import beginLoadingScript from "./scripts/begin-loading.lua"
import finishLoadingScript from "./scripts/finish-loading.lua"
import lookAtMarksScript from "./scripts/look-at-marks.lua"
import primaryScript from "./scripts/primary.lua"

/** Sales of one script call: Redis serves nobody else meanwhile. */
const salesPerLook = 500

/** What Redis holds of a sale's reservations. */
export interface Mark {
  /** The ledger sequence up to which every decision was shown. */
  readonly shownSeq: number
  /** True when the `complete` mark is there and counts. */
  readonly isComplete: boolean
}

/**
 * The `complete` mark of a sale: Redis holds every live reservation, so that "sold out" may be said without asking PostgreSQL.
 * It goes with whatever Redis loses, because it lives in the same place; and it counts only on the primary that it was set on, because a
 * replica that is promoted may have lost the last writes and kept an older mark. The server compares, so that no client can be mistaken.
 */
export interface Completeness {
  look(skuNos: readonly number[]): Promise<ReadonlyMap<number, Mark>>
  /** Notes that loading begins; the token is void if Redis loses anything meanwhile or fails over. */
  begin(skuNo: number): Promise<string>
  /**
   * Sets the mark if nothing was lost since `begin`, and every decision whose balances Redis shows was shown itself.
   * @param loadedSeq the ledger sequence up to which everything was loaded
   * @returns whether it did
   */
  finish(skuNo: number, token: string, loadedSeq: number): Promise<boolean>
}

/** Reads the marks of sales, in one call for many. @throws when Redis does not answer */
export type LookAtMarks = Completeness["look"]

export function createLookAtMarks(redis: Redis): LookAtMarks {
  redis.defineCommand("lookAtMarks", { lua: primaryScript + lookAtMarksScript })
  const call = redis as unknown as { lookAtMarks(...args: (string | number)[]): Promise<[shown: number, counts: number][]> }
  return async (skuNos) => {
    const marks = new Map<number, Mark>()
    for (let from = 0; from < skuNos.length; from += salesPerLook) {
      const group = skuNos.slice(from, from + salesPerLook)
      const looks = await call.lookAtMarks(group.length, ...group.map(redisKeys.sale))
      for (const [index, skuNo] of group.entries()) {
        const [shownSeq = 0, counts = 0] = looks[index] ?? []
        marks.set(skuNo, { shownSeq, isComplete: counts === 1 })
      }
    }
    return marks
  }
}

export function createCompleteness(redis: Redis): Completeness {
  const look = createLookAtMarks(redis)
  redis.defineCommand("beginLoading", { lua: primaryScript + beginLoadingScript, numberOfKeys: 1 })
  redis.defineCommand("finishLoading", { lua: primaryScript + finishLoadingScript, numberOfKeys: 1 })
  const call = redis as unknown as {
    beginLoading(key: string, token: string): Promise<number>
    finishLoading(key: string, token: string, loadedSeq: number): Promise<number>
  }
  return {
    look,
    async begin(skuNo) {
      const token = randomUUID()
      await call.beginLoading(redisKeys.sale(skuNo), token)
      return token
    },
    finish: async (skuNo, token, loadedSeq) => (await call.finishLoading(redisKeys.sale(skuNo), token, loadedSeq)) === 1,
  }
}
