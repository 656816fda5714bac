import { endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { ReserveBatchBody } from "../../core/contracts/http/reservations.ts"
import { closeFrontDoor } from "../../core/workflows/front-door.ts"
import { reserveSide } from "../../core/workflows/reserve-side.ts"
import { reserveBatch } from "./workflow.ts"

/** POST /v1/reservations/batch: puts the requests of a trusted client's users in line; each item has an answer of its own. */
export const handler = httpHandler({
  "POST /v1/reservations/batch": endpoint(
    { body: ReserveBatchBody, idempotencyKey: true },
    async ({ body, caller, ...call }) => ({
      status: 202,
      body: await reserveBatch(await reserveSide(), {
        items: body.items,
        issuer: caller.issuer,
        idempotencyKey: call.idempotencyKey,
        instance: call.instance,
        trace: { correlationId: call.correlationId, ...(call.traceparent && { traceparent: call.traceparent }) },
      }),
    }),
  ),
})

export const shutdown = closeFrontDoor
