import { redisKeys } from "../../adapters/redis/keys.ts"
import { createProjection } from "../../adapters/redis/projection.ts"
import { bodyHashOf } from "../../domain/ids.ts"
import type { WarmUpSale } from "./sales.ts"
import type { WarmUpShopper } from "./shoppers.ts"
import type { WarmUpWorld } from "./world.ts"

const intervalMs = 4
const holdUs = 900_000_000

/**
 * Plays the writer for the queued requests of a sale: it shows each as reserved once its record is in the log. The reserving
 * function waits for that as it waits for the writer.
 */
export interface QueueDecider {
  expect(id: string, shopper: WarmUpShopper): void
}

export function startQueueDecider({ redis, resources }: WarmUpWorld, { skuId, skuNo }: WarmUpSale): QueueDecider {
  const projection = createProjection(redis)
  const expected = new Map<string, WarmUpShopper>()
  const bodyHash = bodyHashOf(skuId, 1, false)
  let isBusy = false

  async function decide(): Promise<void> {
    const ids = [...expected.keys()]
    const views = await redis.mget(ids.map(redisKeys.reservation))
    const queued = ids.filter((_, index) => views[index]?.startsWith("QUEUED"))
    const now = Date.now() * 1_000
    const reservations = queued.map((id) => ({
      reservation: { ...reserved, id, skuNo, bodyHash, ...userOf(expected.get(id)), expiresAt: now + holdUs },
      asOfSeq: 2,
    }))
    for (const id of queued) expected.delete(id)
    await projection.project({ now, reservations })
  }

  const timer = setInterval(() => {
    if (isBusy || expected.size === 0) return
    isBusy = true
    decide()
      .catch(() => {})
      .finally(() => {
        isBusy = false
      })
  }, intervalMs)
  resources.own(timer, { close: clearInterval })
  return { expect: (id, shopper) => expected.set(id, shopper) }
}

const reserved = { seq: 2, ord: 0, outcome: "reserved", state: "RESERVED", quantity: 1 } as const

const userOf = (shopper: WarmUpShopper | undefined) => ({ userId: shopper?.userId ?? "", owner: shopper?.owner ?? 0 })
