import { type AnySaleEvent, encodeEvent, eventIdOf } from "../../core/contracts/events.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { contextOf } from "../../core/runtime/warm-up/api-call.ts"
import { deliveryOf } from "../../core/runtime/warm-up/delivery.ts"
import { openMakeHolds, type WarmUpHold } from "../../core/runtime/warm-up/holds.ts"
import type { WarmUpSale } from "../../core/runtime/warm-up/sales.ts"
import { newUser } from "../../core/runtime/warm-up/shoppers.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"

type Handler = (event: unknown, context: ReturnType<typeof contextOf>) => Promise<MskResponse>

const ordersPerRound = 20
const stock = 1_000_000

/** Deliveries of confirmed reservations, whose payments it captures, and of events that change what shoppers see. */
export const prepareEvents =
  (handler: Handler): PrepareRounds =>
  async (world) => {
    const hold = await openMakeHolds(world)
    const sale = await world.sales.open(stock)
    let seq = 1
    return async () => {
      const { holds } = await hold(sale, Array.from({ length: 2 * ordersPerRound }, newUser))
      const [sold, seen] = [holds.slice(0, ordersPerRound), holds.slice(ordersPerRound)]
      await world.sales.sell(sold.map(({ id }) => id))
      const events = [...sold.map((each) => confirmed(sale, each, seq)), ...seen.map((each) => cancelled(sale, each, seq))]
      const values = events.map((event) => Buffer.from(encodeEvent(event)))
      const answer = await handler(deliveryOf(world.sales.topic, seq, values, sale.skuId), contextOf(60_000))
      seq += events.length
      if (answer.batchItemFailures.length > 0) throw new Error("An event of the warm-up had no reaction")
    }
  }

const envelope = ({ skuId, skuNo }: WarmUpSale, { id }: WarmUpHold, seq: number) => ({
  event_id: eventIdOf(skuNo, seq, 0),
  reservation_id: id,
  sku_id: skuId,
  seq,
  occurred_at: new Date().toISOString(),
})

const confirmed = (sale: WarmUpSale, each: WarmUpHold, seq: number): AnySaleEvent => ({
  ...envelope(sale, each, seq),
  event_type: "reservation.confirmed",
  payload: { user_id: each.shopper.userId, order_id: each.id, quantity: 1, amount_minor: 100, currency: "EUR" },
})

const cancelled = (sale: WarmUpSale, each: WarmUpHold, seq: number): AnySaleEvent => ({
  ...envelope(sale, each, seq),
  event_type: "reservation.cancelled",
  payload: { user_id: each.shopper.userId, quantity: 1 },
})
