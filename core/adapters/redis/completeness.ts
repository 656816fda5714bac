import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"
import beginLoadingScript from "./scripts/begin-loading.lua"
import finishLoadingScript from "./scripts/finish-loading.lua"
import lookAtMarksScript from "./scripts/look-at-marks.lua"
import primaryScript from "./scripts/primary.lua"

/** Marks that one script call reads: Redis runs no other command meanwhile. */
const maxMarksPerLook = 500

/** How many of a sale's reservations Redis holds. */
export interface Mark {
  /** The ledger sequence up to which every decision was shown. */
  readonly shownSeq: number
  /** True when the `complete` mark is there and counts. */
  readonly isComplete: boolean
}

/**
 * The mark of the queue: Redis knows every request that is accepted and not decided. Only then may the API answer "you hold
 * nothing".
 */
export interface QueueMark {
  isComplete(): Promise<boolean>
  /** Records that the work for the mark begins; the token becomes invalid if Redis loses data meanwhile or fails over. */
  begin(): Promise<string>
  /** Sets the mark if nothing was lost since `begin`. @returns whether it set the mark */
  finish(token: string): Promise<boolean>
}

/**
 * The `complete` mark of a sale: Redis holds every live reservation, so the API may answer "sold out" without a read of
 * PostgreSQL. The mark is a field of the sale's key: a Redis that loses the sale loses the mark. It counts only on the primary
 * that it was set on, because a promoted replica may have lost the last writes and kept an older mark. The server itself compares
 * the identity of the primary, so no client can use an invalid mark.
 */
export interface Completeness {
  look(skuNos: readonly number[]): Promise<ReadonlyMap<number, Mark>>
  /** Records that loading begins; the token becomes invalid if Redis loses data meanwhile or fails over. */
  begin(skuNo: number): Promise<string>
  /**
   * Sets the mark if nothing was lost since `begin`, and if Redis shows every decision that its balances include.
   * @param loadedSeq the ledger sequence up to which everything was loaded
   * @returns whether it set the mark
   */
  finish(skuNo: number, token: string, loadedSeq: number): Promise<boolean>
  readonly queue: QueueMark
}

/** Reads the marks at some keys, many in one call. @throws when Redis does not answer */
export function createLookAtMarks(redis: Redis): (keys: readonly string[]) => Promise<Mark[]> {
  redis.defineCommand("lookAtMarks", { lua: primaryScript + lookAtMarksScript })
  const call = redis as unknown as { lookAtMarks(...args: (string | number)[]): Promise<[shown: number, counts: number][]> }
  return async (keys) => {
    const marks: Mark[] = []
    for (let from = 0; from < keys.length; from += maxMarksPerLook) {
      const group = keys.slice(from, from + maxMarksPerLook)
      const looks = await call.lookAtMarks(group.length, ...group)
      marks.push(...looks.map(([shownSeq, counts]) => ({ shownSeq, isComplete: counts === 1 })))
    }
    return marks
  }
}

export function createCompleteness(redis: Redis): Completeness {
  const lookAt = createLookAtMarks(redis)
  redis.defineCommand("beginLoading", { lua: primaryScript + beginLoadingScript, numberOfKeys: 1 })
  redis.defineCommand("finishLoading", { lua: primaryScript + finishLoadingScript, numberOfKeys: 1 })
  const call = redis as unknown as {
    beginLoading(key: string, token: string): Promise<number>
    finishLoading(key: string, token: string, loadedSeq: number): Promise<number>
  }

  async function begin(key: string): Promise<string> {
    const token = randomUUID()
    await call.beginLoading(key, token)
    return token
  }
  const finish = async (key: string, token: string, loadedSeq: number) => (await call.finishLoading(key, token, loadedSeq)) === 1

  return {
    async look(skuNos) {
      const marks = await lookAt(skuNos.map(redisKeys.sale))
      return new Map(skuNos.flatMap((skuNo, index) => (marks[index] ? [[skuNo, marks[index]] as const] : [])))
    },
    begin: (skuNo) => begin(redisKeys.sale(skuNo)),
    finish: (skuNo, token, loadedSeq) => finish(redisKeys.sale(skuNo), token, loadedSeq),
    queue: {
      isComplete: async () => (await lookAt([redisKeys.queue]))[0]?.isComplete === true,
      begin: () => begin(redisKeys.queue),
      // The queue has no ledger, and so no sequence.
      finish: (token) => finish(redisKeys.queue, token, 0),
    },
  }
}
