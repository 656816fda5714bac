import type { Kafka } from "kafkajs"
import type { OrderRecord } from "../../contracts/orders-confirmed.ts"
import { firstWordOf } from "../../domain/ids.ts"
import { createSender } from "./sender.ts"

/** Records of `orders-confirmed`. */
export interface OrderLog {
  /**
   * Appends records to the topic, those of one order in the order given, acknowledged by all in-sync replicas within `maxMs`
   * milliseconds.
   * @throws Error with kafkajs' error as its cause when they are not acknowledged; some may then be in the log all the same
   */
  append(records: readonly OrderRecord[], maxMs: number): Promise<void>
  close(): Promise<void>
}

/** The producer of `orders-confirmed`. @param partitions of the topic */
export function createOrderLog(kafka: Kafka, topic: string, partitions: number): OrderLog {
  const sender = createSender(kafka, topic)
  return {
    async append(records, maxMs) {
      const endsAtMs = performance.now() + maxMs
      const byPartition = Map.groupBy(records, ({ order_id }) => orderPartition(order_id, partitions))
      const results = await Promise.all(
        [...byPartition].map(([partition, ofPartition]) =>
          sender.send(
            ofPartition.map((record) => ({ key: record.order_id, partition, value: JSON.stringify(record) })),
            endsAtMs,
          ),
        ),
      )
      const failed = results.find((result) => result.kind !== "acknowledged")
      if (failed === undefined) return
      throw new Error(`Records of orders were not acknowledged by ${topic}`, { cause: failed.error })
    },
    close: () => sender.close(),
  }
}

/** The partition of an order. The number of partitions does not change, or records of one order would be in two partitions. */
const orderPartition = (orderId: string, partitions: number): number =>
  (firstWordOf(orderId.replaceAll("-", "")) >>> 0) % partitions
