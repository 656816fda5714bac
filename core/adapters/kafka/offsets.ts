import type { Admin, Kafka } from "kafkajs"

/** End offsets by partition: one more than the last record that a broker has acknowledged. */
export type EndOffsets = (topic: string) => Promise<Map<number, number>>

/** Reads end offsets over one lasting admin connection, made anew after a failure. @throws kafkajs' errors */
export function createEndOffsets(kafka: Kafka): EndOffsets {
  const connect = async () => {
    const admin = kafka.admin()
    await admin.connect()
    return admin
  }
  let admin: Promise<Admin> | undefined
  return async (topic) => {
    try {
      admin ??= connect()
      const offsets = await (await admin).fetchTopicOffsets(topic)
      return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]))
    } catch (error) {
      const stale = admin
      admin = undefined
      stale?.then((broken) => broken.disconnect()).catch(() => {})
      throw error
    }
  }
}
