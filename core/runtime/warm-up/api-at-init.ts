import { readTokenKeys } from "../http-handler.ts"
import type { Runtime } from "../lifecycle.ts"
import { type ApiHandler, sendToHandlers } from "./api-call.ts"
import { warmAtInit } from "./at-init.ts"
import { prepareShopperCalls } from "./shopper-calls.ts"

/**
 * warmAtInit for a function behind the API, whose environment also reads the keys of the issuer before its first request.
 * @param name its folder in lambdas/
 */
export const warmApiAtInit = (name: string, runtime: Runtime<unknown>, handler: ApiHandler): Promise<void> =>
  warmAtInit(
    runtime,
    (world) =>
      prepareShopperCalls(
        world,
        new Set([name]),
        sendToHandlers(() => handler),
      ),
    () => Promise.all([runtime.warm(), readTokenKeys()]),
  )
