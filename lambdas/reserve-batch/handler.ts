import { endpoint } from "../../core/adapters/http/handler.ts"
import { recordBatchCall } from "../../core/adapters/postgres/batch-calls.ts"
import { ReserveBatchBody } from "../../core/contracts/http/reservations.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openReserveParts } from "../../core/runtime/reserve-runtime.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"
import { type BatchDeps, reserveBatch } from "./workflow.ts"

/** A call is stored by one short statement before its items are processed. */
const callsPoolSize = 1
/** When the database hangs, the answer is "unavailable" after this time; nothing was queued then. */
const noteTimeoutMs = 5_000

export const runtime = defineRuntime(async (resources): Promise<BatchDeps> => {
  const reserving = await openReserveParts(resources)
  const pool = await openPool(resources, { role: "transition", size: callsPoolSize, queryTimeoutMs: noteTimeoutMs })
  return { reserving, noteCall: (callId, bodyHash) => recordBatchCall(pool, callId, bodyHash) }
})

/** POST /v1/reservations/batch: queues the requests of a trusted client's users; each item has an answer of its own. */
export const handler = httpHandler({
  "POST /v1/reservations/batch": endpoint(
    { body: ReserveBatchBody, idempotencyKey: "required" },
    async ({ body, caller, ...call }) => ({
      status: 202,
      body: await reserveBatch(await runtime.open(), {
        items: body.items,
        client: caller,
        idempotencyKey: call.idempotencyKey,
        instance: call.instance,
        trace: { correlationId: call.correlationId, ...(call.traceparent && { traceparent: call.traceparent }) },
      }),
    }),
  ),
})

await warmApiAtInit("reserve-batch", runtime, handler)
