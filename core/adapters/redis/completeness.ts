import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"
import beginLoadingScript from "./scripts/begin-loading.lua"
import finishLoadingScript from "./scripts/finish-loading.lua"
import lookAtMarksScript from "./scripts/look-at-marks.lua"
import primaryScript from "./scripts/primary.lua"

/** Marks of one script call: Redis serves nobody else meanwhile. */
const maxMarksPerLook = 500

/** What Redis holds of a sale's reservations. */
export interface Mark {
  /** The ledger sequence up to which every decision was shown. */
  readonly shownSeq: number
  /** True when the `complete` mark is there and counts. */
  readonly isComplete: boolean
}

/**
 * The mark of the queue: Redis knows of every request that is accepted and not decided, so that "you hold nothing" may be said.
 */
export interface QueueMark {
  isComplete(): Promise<boolean>
  /** Notes that the mark is being earned; the token is void if Redis loses anything meanwhile or fails over. */
  begin(): Promise<string>
  /** Sets the mark if nothing was lost since `begin`; says whether it did. */
  finish(token: string): Promise<boolean>
}

/**
 * The `complete` mark of a sale: Redis holds every live reservation, so that "sold out" may be said without asking PostgreSQL. It
 * goes with whatever Redis loses, because it lives in the same place; and it counts only on the primary that it was set on,
 * because a replica that is promoted may have lost the last writes and kept an older mark. The server compares, so that no client
 * can be mistaken.
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
  readonly queue: QueueMark
}

/** Reads the marks at some keys, in one call for many. @throws when Redis does not answer */
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
      // The queue has no ledger: nothing of it is shown in sequence.
      finish: (token) => finish(redisKeys.queue, token, 0),
    },
  }
}
