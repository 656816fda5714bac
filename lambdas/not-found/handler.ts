import { defaultRoute, httpHandler, publicEndpoint } from "../../core/adapters/http/handler.ts"
import { nothingHere } from "../../core/adapters/http/nothing-here.ts"

/** Whatever no route matches. */
export const handler = httpHandler({
  [defaultRoute]: publicEndpoint({}, async ({ method, instance }) => {
    throw nothingHere(method, instance)
  }),
})
