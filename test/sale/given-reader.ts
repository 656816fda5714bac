import { randomUUID } from "node:crypto"
import { inject } from "vitest"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { createCatalogue } from "../../core/adapters/postgres/catalogue.ts"
import { createReservationReads } from "../../core/adapters/postgres/reservation-reads.ts"
import { createSkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { createWaitlistReads } from "../../core/adapters/postgres/waitlist-reads.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { createRedisGuard, firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createQueueGap } from "../../core/adapters/redis/queue-gap.ts"
import { createRedisReads } from "../../core/adapters/redis/reads.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import type { AdmissionRequest } from "../../core/domain/admission.ts"
import { ownerOf } from "../../core/domain/ids.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { receipts } from "../../core/runtime/receipts.ts"
import { createFind, type Question } from "../../core/workflows/reservations/find-reservation.ts"
import { primaryOf } from "../services/redis.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "./given-sale.ts"
import { requestRecord } from "./records.ts"

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>

/** A database with the real writer on it, and the readers of an API process. */
export async function givenReader() {
  const given = await givenDatabase()
  process.env.RECEIPT_KEYS = inject("services").receiptKeys
  const pool = await postgresPool({ role: "reader", size: 4 })
  await firstContact(given.redis)

  const write = (sku: Sku, records: Parameters<GivenDatabase["append"]>[1]) =>
    given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)

  return {
    ...given,
    pool,
    write,

    /** The readers of a process that has just started. */
    reader() {
      const gate = createConcurrencyLimit()
      const guard = createRedisGuard(given.redis)
      const redisReads = createRedisReads(given.redis)
      const directory = createSkuDirectory(pool, gate)
      const reservations = createReservationReads(pool, gate, [requestsTopic])
      const find = createFind({ guard, gap: createQueueGap(given.redis), redisReads, reservations, directory })
      const waitlist = createWaitlistReads(pool)
      return { guard, redisReads, directory, catalogue: createCatalogue(pool), find, waitlist, receipts }
    },

    /** A decided reservation of a new shopper. */
    async decided(sku: Sku, more: Parameters<typeof requestRecord>[1] = {}): Promise<Question> {
      const request = requestRecord(sku, more)
      await write(sku, [request])
      return question(request)
    },

    /** Brings a request into Redis as admission does: admitted, or queued at `offset`. */
    admit: (of: Question, sku: Sku) => createRedisAdmission(given.redis).admit(admissionOf(of, sku)),
    markQueued: (of: Question, sku: Sku, offset: number) =>
      createRedisAdmission(given.redis).markQueued(admissionOf(of, sku), { partition: sku.partition, offset }),

    /** Sets the mark that Redis knows every queued request. */
    async markQueueComplete() {
      await given.redis.hset(redisKeys.queue, "complete", await primaryOf(given.redis))
    },

    async watermarkOf({ partition }: Sku): Promise<number> {
      const { rows } = await given.superuser.query<{ next_offset: string }>(
        "SELECT next_offset FROM partition_progress WHERE topic = $1 AND partition = $2",
        [requestsTopic, partition],
      )
      return Number(rows[0]?.next_offset)
    },

    async close() {
      await pool.end()
      await given.close()
    },
  }
}

/** A shopper's read of their reservation, of one that does not exist, or of another shopper's. */
export const question = ({ id, userId }: { id: string; userId: string }): Question => ({ id, userId, owner: ownerOf(userId) })
export const unknownQuestion = (): Question => question({ id: randomUUID(), userId: randomUUID() })
export const stranger = (of: Question): Question => ({ ...of, userId: randomUUID(), owner: of.owner + 1 })

/** The same with the receipt of a request for two units at `offset`. */
export const withReceipt = (of: Question, sku: Sku, offset: number): Question => ({
  ...of,
  receipt: { reservationId: of.id, owner: of.owner, partition: sku.partition, offset, skuId: sku.skuId, quantity: 2 },
})

/** The slug of the problem that a failure is answered with. */
export const slug = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error) => problemFor(error)?.slug ?? String(error),
  )

export const admissionOf = (of: Question, sku: Sku): AdmissionRequest => ({
  ...of,
  skuNo: sku.skuNo,
  partition: sku.partition,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 1,
  mode: "batch",
  moment: Date.now() * 1_000,
  status: "open",
})
