import type { ReservationReads } from "../../adapters/postgres/reservation-reads.ts"
import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { ReceiptFacts } from "../../adapters/receipts.ts"
import { away, type RedisGuard } from "../../adapters/redis/guard.ts"
import type { QueueGap } from "../../adapters/redis/queue-gap.ts"
import type { KnownView, RedisReads } from "../../adapters/redis/reads.ts"
import { TemporarilyUnavailable } from "../../domain/errors.ts"
import type { QueueProgress } from "../../domain/queue-estimate.ts"
import { isDecided, isOwner, type Owner, positionOf, type ReservationView } from "../../domain/reservation-view.ts"

/** A request that Redis has shown as queued for longer is looked up in PostgreSQL: Redis may have missed the decision. */
const believedQueuedMs = 2_000

export interface FindDeps {
  readonly guard: RedisGuard
  readonly gap: QueueGap
  readonly redisReads: RedisReads
  readonly reservations: ReservationReads
  readonly directory: SkuDirectory
}

/** A shopper's question for one reservation. */
export interface Question extends Owner {
  readonly id: string
  /** What the shopper's receipt proves, if they sent one; it has been verified. */
  readonly receipt?: ReceiptFacts
}

/** A reservation as it is now, and for a queued one the progress of its partition. */
export interface Found {
  readonly view: ReservationView
  readonly progress?: QueueProgress
}

/**
 * Finds a shopper's reservation: in Redis, which nearly always answers, and otherwise in PostgreSQL by its id and its position in
 * the log. Undefined when the shopper certainly has none.
 *
 * @throws TemporarilyUnavailable while neither store can answer; Overloaded; PostgreSQL's errors
 */
export type Find = (question: Question) => Promise<Found | undefined>

export function createFind({ guard, gap, redisReads, reservations, directory }: FindDeps): Find {
  return async (question) => {
    const answer = await guard.ask(() => redisReads.view(question.id))
    const known = answer === away ? undefined : answer
    if (known && !isOwner(known.view, question)) return undefined
    if (known && isDecided(known.view)) return { view: known.view }
    const queued = known && (await queuedInRedis(known))
    if (queued && !queued.mayBeStale) return queued.found
    try {
      return await findInPostgres(question, known?.view, answer !== away)
    } catch (error) {
      if (queued) return queued.found
      throw error
    }
  }

  /**
   * A request whose position Redis knows. Undefined when the watermark has passed it: then there is a decision that Redis missed.
   */
  async function queuedInRedis({ view, queuedForMs }: KnownView): Promise<{ found: Found; mayBeStale: boolean } | undefined> {
    const { partition, offset } = view
    if (partition === undefined || offset === undefined) return undefined
    const answer = await guard.ask(() => redisReads.progress(partition))
    const progress = answer === away ? {} : answer
    if (progress.nextOffset !== undefined && offset < progress.nextOffset) return undefined
    return { found: { view, progress }, mayBeStale: queuedForMs > believedQueuedMs }
  }

  async function findInPostgres(question: Question, known: ReservationView | undefined, redisAnswered: boolean) {
    const position = positionOf(known) ?? positionOf(question.receipt)
    // The watermark comes first. It only grows, so a position below it has its decision when the decisions are read.
    const inLog = position && (await reservations.place(position.partition, position.offset))
    const [decision] = await reservations.decided([question.id])
    if (decision) return isOwner(decision, question) ? { view: { ...position, ...decision } } : undefined
    if (position && inLog) {
      const request = known ?? (await requestOf(question))
      const { partition, offset, nextOffset, ended } = inLog
      // No writer will read it: to wait for it would never end.
      if (ended && offset >= nextOffset) return { view: { ...request, ...position, status: "LOST" as const } }
      if (offset >= nextOffset) {
        return { view: { ...request, partition, offset, status: "QUEUED" as const }, progress: { nextOffset } }
      }
      // A record in quarantine is no request that can be decided. To its shopper that is a refusal, and final.
      if (inLog.quarantined) {
        return { view: { ...request, ...position, status: "REFUSED" as const, reason: "invalid" as const } }
      }
    }
    if (position || known || !redisAnswered || !(await isQueueComplete())) throw cannotTell()
    return undefined
  }

  /** The answer "you hold nothing" is allowed only while Redis knows every queued request of every sale. */
  async function isQueueComplete(): Promise<boolean> {
    return (await guard.ask(() => gap.closeThen(() => redisReads.isQueueComplete()))) === true
  }

  /** What a receipt says of its request. */
  async function requestOf({ id, owner, receipt }: Question): Promise<Omit<ReservationView, "status">> {
    const sku = receipt && (await directory.find(receipt.skuId))
    if (receipt === undefined || sku === undefined) throw cannotTell()
    return { id, owner, skuNo: sku.sale.skuNo, skuId: sku.skuId, quantity: receipt.quantity, bodyHash: 0, seq: 0 }
  }
}

const cannotTell = () => new TemporarilyUnavailable("Neither Redis nor PostgreSQL can tell now whether there is a reservation")
