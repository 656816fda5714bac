import { defaultRoute, httpHandler, publicEndpoint } from "../../core/adapters/http/handler.ts"
import { allowedMethods } from "../../core/contracts/http/routes.ts"
import { problem } from "../../core/contracts/problems.ts"

/** Whatever no route matches: 405 where the path exists for other methods, 404 otherwise. */
export const handler = httpHandler({
  [defaultRoute]: publicEndpoint({}, async ({ instance }) => {
    const methods = allowedMethods(instance)
    if (methods.length === 0) throw problem("not-found")
    throw problem("method-not-allowed", { headers: { allow: methods.join(", ") } })
  }),
})
