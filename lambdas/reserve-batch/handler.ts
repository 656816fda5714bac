import { endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { noteBatchCall } from "../../core/adapters/postgres/batch-calls.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { ReserveBatchBody } from "../../core/contracts/http/reservations.ts"
import { closeFrontDoor, closeWithFrontDoor } from "../../core/runtime/read-runtime.ts"
import { reserveSide } from "../../core/runtime/reserve-runtime.ts"
import { reserveBatch } from "./workflow.ts"

/** A call is remembered by one short statement before its items are looked at. */
const memoryPoolSize = 1
/** A database that hangs is answered as unavailable after this; nothing was put into the queue then. */
const noteTimeoutMs = 5_000

const memory = lazyAsync(async () => {
  const pool = await postgresPool({ role: "transition", size: memoryPoolSize, queryTimeoutMs: noteTimeoutMs })
  closeWithFrontDoor(() => pool.end())
  return pool
})

/** POST /v1/reservations/batch: puts the requests of a trusted client's users in line; each item has an answer of its own. */
export const handler = httpHandler({
  "POST /v1/reservations/batch": endpoint(
    { body: ReserveBatchBody, idempotencyKey: "required" },
    async ({ body, caller, ...call }) => ({
      status: 202,
      body: await reserveBatch(
        { reserving: await reserveSide(), noteCall: async (...noted) => noteBatchCall(await memory(), ...noted) },
        {
          items: body.items,
          client: caller,
          idempotencyKey: call.idempotencyKey,
          instance: call.instance,
          trace: { correlationId: call.correlationId, ...(call.traceparent && { traceparent: call.traceparent }) },
        },
      ),
    }),
  ),
})

export const shutdown = closeFrontDoor
