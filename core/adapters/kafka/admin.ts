import type { Admin, Kafka } from "kafkajs"

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
