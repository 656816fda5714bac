import type { KafkaMessage } from "kafkajs"

/** Lambda takes 6 MB in one invocation. 4 MB become 5.4 MB in base64. */
const maxDeliveryBytes = 4_000_000

/**
 * Divides fetched records into deliveries of at most `batchSize`, in order. A function may be invoked with each; each has at
 * least one record.
 */
export function* deliveries(messages: readonly KafkaMessage[], batchSize: number): Generator<KafkaMessage[]> {
  let delivery: KafkaMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = (message.key?.length ?? 0) + (message.value?.length ?? 0)
    if (delivery.length === batchSize || (delivery.length > 0 && bytes + size > maxDeliveryBytes)) {
      yield delivery
      delivery = []
      bytes = 0
    }
    delivery.push(message)
    bytes += size
  }
  if (delivery.length > 0) yield delivery
}
