import { pathOf } from "../../contracts/http/routes.ts"
import { problem } from "../../contracts/problems.ts"
import type { Step } from "./exchange.ts"

/**
 * Answers 404 to a path that is not in its only form: the route's template with its parameters, unencoded. The firewall and
 * CloudFront see a path as the client wrote it, the API decoded. Another spelling of a path could meet other rules there.
 */
export const normalForm = (): Step => ({
  before: ({ event: { event, endpoint } }) => {
    const { template } = endpoint
    if (template !== undefined && pathOf(template, event.pathParameters ?? {}) !== event.rawPath) throw problem("not-found")
  },
})
