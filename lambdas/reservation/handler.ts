import { endpoint } from "../../core/adapters/http/handler.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openReadParts } from "../../core/runtime/read-runtime.ts"
import { questionOf } from "../../core/runtime/receipts.ts"
import { openShopperCommands } from "../../core/runtime/transition-runtime.ts"
import { warmApiAtInit } from "../../core/runtime/warm-up/api-at-init.ts"
import { cancelResponse } from "./answer.ts"
import { cancel } from "./cancel.ts"
import { createStatusRead } from "./status.ts"

/** Commands are rare here: their connections are opened for the first one. */
export const runtime = defineRuntime(async (resources) => ({
  ...(await openReadParts(resources)),
  commandRunner: lazyAsync(() => openShopperCommands(resources)),
}))

const readStatus = createStatusRead(runtime.open, async () => (await runtime.open()).commandRunner())

/** A reservation of the caller: its status, and its cancellation. */
export const handler = httpHandler({
  "GET /v1/reservations/{reservation_id}": endpoint({ query: ReceiptQuery }, async ({ caller, path, query }) =>
    readStatus(await questionOf(caller, path, query.receipt)),
  ),
  "DELETE /v1/reservations/{reservation_id}": endpoint({ query: ReceiptQuery }, async ({ caller, path, query }) => {
    const parts = await runtime.open()
    return cancelResponse(await cancel(parts, await questionOf(caller, path, query.receipt)), parts)
  }),
})

await warmApiAtInit("reservation", runtime, handler)
