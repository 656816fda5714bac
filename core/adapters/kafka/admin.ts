import type { Admin, Kafka } from "kafkajs"
import { isAnswered } from "./send-errors.ts"

/** Uses an admin connection of its own, and closes it. @throws what `use` throws, and kafkajs' errors */
export async function withAdmin<Result>(kafka: Kafka, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** An admin connection that stays open between its uses. */
export interface KeptAdmin {
  /** @throws what `use` throws, and kafkajs' errors */
  use<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/**
 * Keeps one admin connection, made at its first use. After a failure without an answer of a broker it makes a new one. After an
 * error that a broker answered, for example a partition without a leader, it keeps the connection.
 */
export function keepAdmin(kafka: Kafka): KeptAdmin {
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
  return {
    async use(use) {
      admin ??= connect()
      const current = admin
      try {
        return await use(await current)
      } catch (error) {
        if (!isAnswered(error)) {
          // A call that failed at the same time may have replaced it already.
          if (admin === current) admin = undefined
          current.then((broken) => broken.disconnect()).catch(() => {})
        }
        throw error
      }
    },
    async close() {
      const connected = await admin?.catch(() => undefined)
      await connected?.disconnect()
    },
  }
}
