import { endpoint } from "../../core/adapters/http/handler.ts"
import { clientOf } from "../../core/adapters/http/request-signals.ts"
import { ReserveBody } from "../../core/contracts/http/reservations.ts"
import { reservationIdOf } from "../../core/domain/ids.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openReserveParts } from "../../core/runtime/reserve-runtime.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"
import { reserve } from "./workflow.ts"

export const runtime = defineRuntime(openReserveParts)

/** POST /v1/reservations: admits the shopper, queues the request, answers with the decision or a position in the queue. */
export const handler = httpHandler({
  "POST /v1/reservations": endpoint({ body: ReserveBody, idempotencyKey: "required" }, async ({ body, caller, ...call }) =>
    reserve(await runtime.open(), {
      id: reservationIdOf(caller.userId, call.idempotencyKey),
      userId: caller.userId,
      skuId: body.sku_id,
      quantity: body.quantity,
      joinWaitlist: body.join_waitlist,
      client: clientOf(caller, call.headers, Date.now()),
      prefersAsync: call.prefersAsync,
      trace: { correlationId: call.correlationId, ...(call.traceparent && { traceparent: call.traceparent }) },
    }),
  ),
})

await warmApiAtInit("reserve", runtime, handler)
