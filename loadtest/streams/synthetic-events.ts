import { randomUUID } from "node:crypto"
import type { Kafka } from "kafkajs"
import { type AnySaleEvent, encodeEvent, eventIdOf } from "../../core/contracts/events.ts"
import { topics } from "../../core/contracts/topics.ts"

/** SKUs of the synthetic events: ten in each partition. */
const skus = 100
const eventsPerSend = 2_000
const priceMinor = 4_900
const { name: topic, partitions } = topics.reservationEvents

/**
 * Sends valid events of sales that never were, each SKU in the order of its ledger, as the relay publishes them: holds that are
 * made, and then paid or over, and refusals.
 *
 * @param say receives the number of events sent, now and then
 */
export async function sendSyntheticEvents(kafka: Kafka, count: number, say: (sent: number) => void): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  try {
    const sales = Array.from({ length: skus }, (_, index) => syntheticSale(index + 1))
    for (let sent = 0; sent < count; sent += eventsPerSend) {
      const size = Math.min(eventsPerSend, count - sent)
      const messages = Array.from({ length: size }, (_, index) => {
        const sale = (sent + index) % skus
        const event = sales[sale]?.()
        if (event === undefined) throw new Error("There is a sale for each SKU")
        return { key: event.sku_id, partition: sale % partitions, value: encodeEvent(event) }
      })
      await producer.send({ topic, messages })
      if ((sent / eventsPerSend) % 50 === 0) say(sent)
    }
  } finally {
    await producer.disconnect()
  }
}

/** @returns gives the next event of a SKU's ledger */
function syntheticSale(skuNo: number): () => AnySaleEvent {
  let seq = 0
  let held: { readonly id: string; readonly userId: string } | undefined
  return () => {
    seq += 1
    const about = {
      ...{ event_id: eventIdOf(skuNo, seq, 0), sku_id: `synthetic-${skuNo}`, seq },
      occurred_at: new Date().toISOString(),
    }
    if (seq % 10 === 0) return { ...about, event_type: "reservation.rejected", payload: { reasons: { "sold-out": 25 } } }
    const { id, userId } = held ?? { id: randomUUID(), userId: randomUUID() }
    const whose = { user_id: userId, quantity: 1 }
    if (held === undefined) {
      held = { id, userId }
      const payload = { ...whose, expires_at: new Date(Date.now() + 120_000).toISOString() }
      return { ...about, reservation_id: id, event_type: "reservation.created", payload }
    }
    held = undefined
    if (seq % 4 === 0) return { ...about, reservation_id: id, event_type: "reservation.expired", payload: whose }
    const payload = { ...whose, order_id: id, amount_minor: priceMinor, currency: "EUR" }
    return { ...about, reservation_id: id, event_type: "reservation.confirmed", payload }
  }
}
