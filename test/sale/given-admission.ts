import { randomUUID } from "node:crypto"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { decodeReservationView, encodeReservationView } from "../../core/adapters/redis/reservation-codec.ts"
import type { AdmissionRequest } from "../../core/domain/admission.ts"
import type { ReservationView } from "../../core/domain/reservation-view.ts"
import { undecidedView } from "../../core/domain/reservation-view.ts"
import type { Client } from "../../core/domain/suspicion.ts"
import { bucketWindowMs, type Tier } from "../../core/domain/token-bucket.ts"
import { freshRedis, primaryOf } from "../services/redis.ts"

export const skuNo = 7
export const partition = 3

/** A Redis of its own and the admission on it. The test fills the Redis. */
export async function givenAdmission() {
  const url = await freshRedis()
  const redis = redisClient(url)
  await firstContact(redis)
  const redisAdmission = createRedisAdmission(redis)
  const complete = await primaryOf(redis)

  return {
    url,
    redis,
    redisAdmission,

    /** The sale as Redis knows it; five units are left unless said otherwise. */
    sale: (fields: Record<string, string | number> = {}) =>
      redis.hset(redisKeys.sale(skuNo), {
        seq: 1,
        status: "open",
        mode: "batch",
        total: 10,
        reserved: 3,
        sold: 2,
        waitlisted: 0,
        waitlist_limit: 0,
        complete,
        ...fields,
      }),

    show: (view: ReservationView, ttlMs = 60_000) =>
      redis.set(redisKeys.reservation(view.id), encodeReservationView(view), "PX", ttlMs),
    async shown(id: string): Promise<ReservationView | undefined> {
      const text = await redis.get(redisKeys.reservation(id))
      return text === null ? undefined : decodeReservationView(id, text)
    },

    emptyBucket: (userId: string) => redis.set(redisKeys.bucket(userId), Date.now() + bucketWindowMs),

    /** The answer of admission in one word. */
    async answer(request: AdmissionRequest): Promise<string> {
      const admission = await redisAdmission.admit(request)
      return admission.kind === "refused" ? admission.reason : admission.kind
    },
  }
}

/** A client without signals of a script. */
export const clientOf = (tier: Tier, more: Partial<Client> = {}): Client => ({ tier, signals: [], ...more })

/** A request for one unit by a new user with a high rate limit. */
export const admissionRequest = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  id: randomUUID(),
  userId: randomUUID(),
  owner: 1,
  skuNo,
  partition,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 42,
  client: clientOf(4),
  mode: "batch",
  moment: Date.now() * 1_000,
  status: "open",
  ...more,
})

/** The view of a request that got a hold. */
export const reserved = (of: AdmissionRequest): ReservationView => ({
  ...undecidedView(of),
  status: "RESERVED",
  seq: 5,
  expiresAtMs: 1,
})
