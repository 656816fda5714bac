import { randomUUID } from "node:crypto"
import type { MskEvent, MskResponse } from "../../core/contracts/msk-event.ts"
import { encodeReservationRecord } from "../../core/contracts/reservation-record.ts"
import { bodyHashOf } from "../../core/domain/ids.ts"
import { contextOf } from "../../core/runtime/warm-up/api-call.ts"
import { deliveryOf } from "../../core/runtime/warm-up/delivery.ts"
import type { WarmUpSale } from "../../core/runtime/warm-up/sales.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"

type Handler = (event: MskEvent, context: ReturnType<typeof contextOf>) => Promise<MskResponse>

const recordsPerDelivery = 250
/** Units for every request of a warm-up. */
const stock = 1_000_000

/**
 * Deliveries of the kinds that a rush has: requests that get a unit, requests of a sale that is sold out, small batches, and
 * copies of earlier requests. Copies of old requests leave the optimistic path, so that both paths are used.
 */
export const prepareDeliveries =
  (handler: Handler): PrepareRounds =>
  async ({ sales }) => {
    const [open, soldOut] = [await sales.open(stock), await sales.open(1)]
    let offset = 0
    const deliver = async (values: readonly Buffer[]): Promise<void> => {
      const answer = await handler(deliveryOf(sales.topic, offset, values), contextOf())
      offset += values.length
      if (answer.batchItemFailures.length > 0) throw new Error("A delivery of the warm-up was not written")
    }
    const earlier = requests(open, recordsPerDelivery)
    await deliver(earlier)
    return async () => {
      for (let each = 0; each < 3; each += 1) {
        await deliver(requests(open, recordsPerDelivery))
        await deliver(requests(soldOut, recordsPerDelivery))
        await deliver(requests(open, 20))
      }
      const some = requests(open, recordsPerDelivery / 2)
      await deliver([...some, ...some])
      await deliver(earlier)
    }
  }

const requests = ({ skuId, skuNo }: WarmUpSale, count: number): Buffer[] =>
  Array.from({ length: count }, () =>
    encodeReservationRecord({
      id: randomUUID(),
      userId: randomUUID(),
      skuNo,
      quantity: 1,
      joinWaitlist: false,
      bodyHash: bodyHashOf(skuId, 1, false),
      acceptedAtMs: Date.now(),
    }),
  )
