import { randomUUID } from "node:crypto"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createRequestLog } from "../../core/adapters/kafka/request-log.ts"
import { bodyHashOf } from "../../core/domain/ids.ts"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import type { BenchServices } from "../measure/contestant.ts"
import type { Decide } from "./closed-loop.ts"

/** A separate topic, written with the system's own producer: micro-batched, acks = all. */
export async function kafkaLog(services: BenchServices) {
  const { brokers, pids } = await services.kafka()
  const kafka = kafkaClient([brokers], "bench")
  const topic = `bench-${randomUUID()}`
  await withAdmin(kafka, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] }))
  const log = createRequestLog(kafka, topic)
  return {
    pids,
    close: () => log.close(),
    /** The same decisions; a reservation is answered once the log has it. */
    producing:
      (decide: Decide): Decide =>
      async (request) => {
        const decision = await decide(request)
        if (decision.outcome !== outcomeCodes.reserved) return decision
        const skuId = `bench-${request.skuNo}`
        const bodyHash = bodyHashOf(skuId, 1, false)
        await log.append({ ...request, quantity: 1, joinWaitlist: false, bodyHash, acceptedAtMs: Date.now() }, skuId, 0)
        return decision
      },
  }
}
