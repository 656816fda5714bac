import type { Admin, Kafka } from "kafkajs"
import { isAnswered } from "./send-errors.ts"

/** End offsets by partition: one more than the last record that a broker has acknowledged. */
export type EndOffsets = (topic: string) => Promise<Map<number, number>>

/** The reader of end offsets, with the connection that it keeps. */
export type EndOffsetsReader = EndOffsets & { close(): Promise<void> }

/**
 * Reads end offsets over one admin connection, which stays open. After a failure without an answer of a broker it makes a new
 * connection. After an error that a broker answered, for example a partition without a leader, it keeps the connection.
 * @throws kafkajs' errors
 */
export function createEndOffsets(kafka: Kafka): EndOffsetsReader {
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
  const read: EndOffsets = async (topic) => {
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
  const close = async () => {
    const connected = await admin?.catch(() => undefined)
    await connected?.disconnect()
  }
  return Object.assign(read, { close })
}
