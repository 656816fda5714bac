import type { Admin, Kafka } from "kafkajs"
import { isAnswered } from "./send-errors.ts"

/** End offsets by partition: one more than the last record that a broker has acknowledged. */
export type EndOffsets = (topic: string) => Promise<Map<number, number>>

/**
 * Reads end offsets over one lasting admin connection. It is made anew after a failure that no broker answered; an answer, of a
 * partition without a leader for instance, leaves it as it is. @throws kafkajs' errors
 */
export function createEndOffsets(kafka: Kafka): EndOffsets {
  const connect = async () => {
    const dialled = kafka.admin()
    try {
      await dialled.connect()
      return dialled
    } catch (error) {
      admin = undefined
      throw error
    }
  }
  let admin: Promise<Admin> | undefined
  return async (topic) => {
    admin ??= connect()
    const current = admin
    try {
      const offsets = await (await current).fetchTopicOffsets(topic)
      return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]))
    } catch (error) {
      if (!isAnswered(error)) {
        // A call that failed at the same time may have replaced it already.
        if (admin === current) admin = undefined
        current.then((broken) => broken.disconnect()).catch(() => {})
      }
      throw error
    }
  }
}
