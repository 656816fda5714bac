import type { Redis } from "ioredis"
import { batchPerTick } from "../../concurrency/batch-per-tick.ts"
import type { QueueProgress } from "../../domain/queue-estimate.ts"
import { type Instant, second } from "../../domain/reservation.ts"
import type { ReservationView } from "../../domain/reservation-view.ts"
import type { SaleStatus, WriteMode } from "../../domain/sale.ts"
import { undecidedViewTtlMs } from "./admission-codec.ts"
import { createLookAtMarks } from "./completeness.ts"
import { redisKeys } from "./keys.ts"
import { progressOf } from "./progress-codec.ts"
import { decodeLivingView } from "./reservation-codec.ts"

/** Older stock is not shown: the process that updates it has stopped. */
const maxStockAgeMs = 5_000

/** The stock of a sale as shoppers see it. */
export interface Stock {
  readonly available: number
  readonly total: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly opensAt?: Instant
  readonly closesAt?: Instant
  readonly asOf: Instant
}

/** A view, and for a queued request how long Redis has shown it as queued. */
export interface KnownView {
  readonly view: ReservationView
  readonly queuedForMs: number
}

/** Reads the projection in Redis. @throws when Redis does not answer */
export interface RedisReads {
  view(id: string): Promise<KnownView | undefined>
  progress(partition: number): Promise<QueueProgress>
  /** The stock of a sale, unless it is unknown or too old. */
  stock(skuNo: number): Promise<Stock | undefined>
  /** True when Redis knows every request that is accepted and not decided. */
  isQueueComplete(): Promise<boolean>
}

export function createRedisReads(redis: Redis): RedisReads {
  const lookAtMarks = createLookAtMarks(redis)
  /** Calls of one turn of the event loop share one read, which begins after all of them: no call gets an older result. */
  const stocks = batchPerTick(async (skuNos: readonly number[]) => {
    const asked = [...new Set(skuNos)]
    const [time, ...sales] = await Promise.all([redis.time(), ...asked.map((skuNo) => redis.hgetall(redisKeys.sale(skuNo)))])
    const now = Number(time[0]) * second + Number(time[1])
    const isRestLong = sales.some((sale) => sale.resting !== undefined && freshStock(sale, now) === undefined)
    const restingAsOf = isRestLong ? Number(await redis.get(redisKeys.restingAsOf)) * 1_000 : 0
    const known = new Map(asked.map((skuNo, index) => [skuNo, freshStock(sales[index] ?? {}, now, restingAsOf)]))
    return skuNos.map((skuNo) => known.get(skuNo))
  })

  return {
    async view(id) {
      const key = redisKeys.reservation(id)
      const [text, ttlMs] = await Promise.all([redis.get(key), redis.pttl(key)])
      return text === null ? undefined : { view: decodeLivingView(id, text, ttlMs), queuedForMs: undecidedViewTtlMs - ttlMs }
    },
    async progress(partition) {
      const [next, rate] = await redis.hmget(redisKeys.partition(partition), "next", "rate")
      return progressOf(next, rate)
    },
    stock: stocks,
    isQueueComplete: async () => (await lookAtMarks([redisKeys.queue]))[0]?.isComplete === true,
  }
}

/** @param restingAsOf until when no sale at rest has changed: the stock of such a sale is valid at least as of then */
function freshStock(sale: Record<string, string>, now: Instant, restingAsOf: Instant = 0): Stock | undefined {
  const shown = stockOf(sale)
  const stock = shown && sale.resting !== undefined ? { ...shown, asOf: Math.max(shown.asOf, restingAsOf) } : shown
  return stock && Math.abs(now - stock.asOf) <= maxStockAgeMs * 1_000 ? stock : undefined
}

function stockOf(sale: Record<string, string>): Stock | undefined {
  const { total, reserved, sold, status, mode, opens_at_ms: opensAtMs, closes_at_ms: closesAtMs, as_of_ms: asOfMs } = sale
  if (total === undefined || asOfMs === undefined) return undefined
  return {
    available: Math.max(0, Number(total) - Number(reserved) - Number(sold)),
    total: Number(total),
    status: status as SaleStatus,
    mode: mode as WriteMode,
    ...(opensAtMs && { opensAt: Number(opensAtMs) * 1_000 }),
    ...(closesAtMs && { closesAt: Number(closesAtMs) * 1_000 }),
    asOf: Number(asOfMs) * 1_000,
  }
}
