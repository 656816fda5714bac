import type { ReservationReads } from "../../adapters/postgres/reservation-reads.ts"
import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { ReceiptFacts } from "../../adapters/receipts.ts"
import { away, type RedisGuard } from "../../adapters/redis/guard.ts"
import type { QueueGap } from "../../adapters/redis/queue-gap.ts"
import type { RedisReads, SeenView } from "../../adapters/redis/reads.ts"
import { isDecided, type SeenReservation } from "../../adapters/seen-reservation.ts"
import { problem } from "../../contracts/problems.ts"
import type { LogPosition, QueueProgress } from "../../domain/queue-estimate.ts"

/** A place in line older than this is checked against PostgreSQL: Redis may have missed the decision. */
const believedQueuedMs = 2_000

export interface FindDeps {
  readonly guard: RedisGuard
  readonly gap: QueueGap
  readonly redisReads: RedisReads
  readonly reservations: ReservationReads
  readonly directory: SkuDirectory
}

/** Who asks for which reservation. */
export interface Question {
  readonly id: string
  readonly userId: string
  readonly owner: number
  /** What his receipt proves, where he brought one; it has been verified. */
  readonly receipt?: ReceiptFacts
}

/** A reservation as it is now, and for one in line how far the line has come. */
export interface Found {
  readonly seen: SeenReservation
  readonly line?: QueueProgress
}

/**
 * Finds a reservation of the one who asks: in Redis, which answers nearly always, and otherwise in PostgreSQL with the help of its
 * place in line. Undefined when there is certainly none of his.
 *
 * @throws ProblemError temporarily-unavailable when nobody can tell right now; PostgreSQL's errors
 */
export type Find = (question: Question) => Promise<Found | undefined>

export function createFind({ guard, gap, redisReads, reservations, directory }: FindDeps): Find {
  return async (question) => {
    const view = await guard.ask(() => redisReads.view(question.id))
    const seen = view === away ? undefined : view?.seen
    if (seen && !isHis(seen, question)) return undefined
    if (seen && isDecided(seen)) return { seen }
    const inLine = view === away || view === undefined ? undefined : await believedInLine(view)
    if (inLine && !inLine.mayBeStale) return inLine.found
    try {
      return await askPostgres(question, seen, view !== away)
    } catch (error) {
      if (inLine) return inLine.found
      throw error
    }
  }

  /** A request whose place Redis knows, unless the watermark has passed it: then there is a decision that Redis missed. */
  async function believedInLine({ seen, queuedForMs }: SeenView): Promise<{ found: Found; mayBeStale: boolean } | undefined> {
    const { partition, offset } = seen
    if (partition === undefined || offset === undefined) return undefined
    const line = await guard.ask(() => redisReads.line(partition))
    const known = line === away ? {} : line
    if (known.nextOffset !== undefined && offset < known.nextOffset) return undefined
    return { found: { seen, line: known }, mayBeStale: queuedForMs > believedQueuedMs }
  }

  async function askPostgres(question: Question, seen: SeenReservation | undefined, redisAnswered: boolean) {
    const place = placeOf(seen) ?? placeOf(question.receipt)
    // The watermark first: it only grows, so a place below it has its decision when that is read.
    const inLine = place && (await reservations.place(place.partition, place.offset))
    const [decision] = await reservations.decided([question.id])
    if (decision) return isHis(decision, question) ? { seen: { ...place, ...decision } } : undefined
    if (place && inLine) {
      const request = seen ?? (await requestOf(question))
      if (place.offset >= inLine.nextOffset) {
        return { seen: { ...request, ...place, status: "QUEUED" as const }, line: { nextOffset: inLine.nextOffset } }
      }
      // Put aside as no request that can be decided: to its shopper that is a refusal, and the last word.
      if (inLine.quarantined) return { seen: { ...request, ...place, status: "REFUSED" as const, reason: "invalid" as const } }
    }
    if (place || seen || !redisAnswered || !(await isQueueComplete())) throw problem("temporarily-unavailable")
    return undefined
  }

  /** "You hold nothing" may be said only while Redis would know of everybody in the queue, whichever sale they wait for. */
  async function isQueueComplete(): Promise<boolean> {
    return (await guard.ask(() => gap.closeThen(() => redisReads.isQueueComplete()))) === true
  }

  /** What a receipt says of the request it is for. */
  async function requestOf({ id, owner, receipt }: Question): Promise<Omit<SeenReservation, "status">> {
    const sku = receipt && (await directory.find(receipt.skuId))
    if (receipt === undefined || sku === undefined) throw problem("temporarily-unavailable")
    return { id, owner, skuNo: sku.sale.skuNo, skuId: sku.skuId, quantity: receipt.quantity, bodyHash: 0, seq: 0 }
  }
}

/** The place in line that a view or a receipt knows. */
export function placeOf(known: Partial<LogPosition> | undefined): LogPosition | undefined {
  const { partition, offset } = known ?? {}
  return partition === undefined || offset === undefined ? undefined : { partition, offset }
}

/** By the user where a store has kept him, otherwise by the 32 bits of him that are kept. */
const isHis = (seen: SeenReservation, { userId, owner }: Question): boolean =>
  seen.userId === undefined ? seen.owner === owner : seen.userId === userId
