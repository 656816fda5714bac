import { defaultRoute, publicEndpoint } from "../../core/adapters/http/handler.ts"
import { nothingHere } from "../../core/adapters/http/nothing-here.ts"
import { httpHandler } from "../../core/runtime/http-handler.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"

/** This function has no dependencies. */
export const runtime = defineRuntime(async () => ({}))

/** Requests that no route matches. */
export const handler = httpHandler({
  [defaultRoute]: publicEndpoint({}, async ({ method, instance }) => {
    throw nothingHere(method, instance)
  }),
})
