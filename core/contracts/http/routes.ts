import { ordersConfirmedSchemaPath } from "../orders-confirmed.ts"

/** The clients that may call a route: anyone, any holder of a token, or the holder of a token with the scope. */
export type Access = "anyone" | "shopper" | "reservations:batch" | "sales:admin"

export interface Route {
  readonly method: "GET" | "POST" | "DELETE"
  /** API Gateway's route syntax: `{name}` matches one path segment. */
  readonly path: string
  /** The folder in `lambdas/` whose handler serves it. */
  readonly lambda: string
  readonly access: Access
  readonly summary: string
  /** Routes without API Gateway: the local run serves them itself. */
  readonly maxBodyBytes?: number
  /** The answer comes within this time in any outage. Without it, the limit is API Gateway's own timeout. */
  readonly answerWithinMs?: number
}

const kilobyte = 1_024

/** Bodies are small on purpose. Only the batch call may have a thousand items. */
export const maxBodyBytes = 8 * kilobyte
const maxBatchBodyBytes = 512 * kilobyte
/** An event of the provider holds the whole payment: some kilobytes, and a margin for later growth. */
export const maxWebhookBodyBytes = 64 * kilobyte

/**
 * Longest time until a shopper's answer, in an outage of any part (docs/RELIABILITY.md). In most outages the timeout of the
 * failing part gives an earlier answer. These limits bound the sum where a call waits for several parts, one after the other.
 */
export const answerLimits = {
  readMs: 3_000,
  /** The request is queued, decided, and read once more from PostgreSQL. */
  reserveMs: 10_000,
  /** May wait for the lock of its SKU. */
  cancelMs: 8_000,
  /** A slow provider, and the steps before and after it. */
  checkoutMs: 10_000,
  /** As a checkout after its authorisation. The provider waits for at least 10 s. */
  webhookMs: 8_000,
} as const

const read = { answerWithinMs: answerLimits.readMs }

const route = (
  method: Route["method"],
  path: string,
  lambda: string,
  access: Access,
  summary: string,
  more: Partial<Route> = {},
): Route => ({ method, path, lambda, access, summary, ...more })

/** Every route of the API. API Gateway, the local gateway, the OpenAPI document and the 405 answer are made from it. */
export const routes: readonly Route[] = [
  route("GET", "/v1/skus", "catalogue", "anyone", "The catalogue, page by page", read),
  route("GET", "/v1/skus/{sku_id}", "catalogue", "anyone", "One SKU of the catalogue", read),
  route("GET", "/v1/skus/{sku_id}/availability", "availability", "anyone", "Stock as seen now", read),
  route("POST", "/v1/reservations", "reserve", "shopper", "Reserve units of a SKU", {
    answerWithinMs: answerLimits.reserveMs,
  }),
  route("POST", "/v1/reservations/batch", "reserve-batch", "reservations:batch", "Up to 1,000 reservations for several users", {
    maxBodyBytes: maxBatchBodyBytes,
  }),
  route(
    "GET",
    "/v1/reservations/{reservation_id}",
    "reservation",
    "shopper",
    "A reservation: status, position in the queue, countdown",
    read,
  ),
  route("DELETE", "/v1/reservations/{reservation_id}", "reservation", "shopper", "Cancel a hold or a place on the waitlist", {
    answerWithinMs: answerLimits.cancelMs,
  }),
  route("POST", "/v1/reservations/{reservation_id}/checkout", "checkout", "shopper", "Pay for a hold", {
    answerWithinMs: answerLimits.checkoutMs,
  }),
  route("POST", "/v1/payments/webhook", "checkout", "anyone", "The provider's signed call: something has become of a payment", {
    maxBodyBytes: maxWebhookBodyBytes,
    answerWithinMs: answerLimits.webhookMs,
  }),
  route("GET", "/v1/orders", "orders", "shopper", "The shopper's orders, page by page", read),
  route("GET", "/v1/orders/{order_id}", "orders", "shopper", "One order", read),
  route("GET", "/v1/health", "health", "anyone", "Is the API alive"),
  route("GET", "/v1/ready", "health", "anyone", "Do its dependencies answer"),
  route("GET", "/.well-known/receipt-keys.json", "documents", "anyone", "Public keys of position receipts (JWKS)"),
  route("GET", ordersConfirmedSchemaPath, "documents", "anyone", "The JSON schema of the orders that a warehouse reads"),
  route("GET", "/openapi.json", "documents", "anyone", "The OpenAPI document of this API"),
  route("GET", "/v1/admin/skus", "admin", "sales:admin", "The SKUs with their sales, page by page"),
  route("POST", "/v1/admin/skus", "admin", "sales:admin", "Create a SKU and its sale, in draft"),
  route("POST", "/v1/admin/skus/{sku_id}/open", "admin", "sales:admin", "Open the sale now"),
  route("POST", "/v1/admin/skus/{sku_id}/close", "admin", "sales:admin", "Close the sale; the waitlist lapses"),
  route("POST", "/v1/admin/skus/{sku_id}/halt", "admin", "sales:admin", "Halt admission"),
  route("POST", "/v1/admin/skus/{sku_id}/resume", "admin", "sales:admin", "Resume the mode before the halt"),
  route("POST", "/v1/admin/skus/{sku_id}/restock", "admin", "sales:admin", "Add units, or recall them"),
  route("POST", "/v1/admin/skus/{sku_id}/mode", "admin", "sales:admin", "Switch the write path"),
  route("POST", "/v1/admin/skus/{sku_id}/extend", "admin", "sales:admin", "Give the living holds more time"),
  route("GET", "/v1/admin/skus/{sku_id}/stats", "admin", "sales:admin", "Counters of a sale"),
  route("GET", "/v1/admin/analytics", "admin", "sales:admin", "Figures of the sale, counted from its events"),
  route("POST", "/v1/admin/orders/{order_id}/refund", "checkout", "sales:admin", "Return money of an order to its shopper"),
  route("GET", "/v1/admin/verify", "admin", "sales:admin", "Check every invariant that SQL can see"),
]

/** API Gateway's catch-all: our own code answers a request that matches no route, with 404 or 405 and our own problem. */
export const defaultLambda = "not-found"

const segments = (path: string) => path.split("/").slice(1)

const parametersOf = ({ path }: Route): number => path.split("{").length - 1

/**
 * The parameters of `path` under `template`, or undefined if it does not match. Segments are decoded; an undecodable one does not
 * match.
 */
export const matchPath = (template: string, path: string): Record<string, string> | undefined =>
  matchSegments(segments(template), segments(path))

function matchSegments(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, want] of wanted.entries()) {
    const segment = given[index] ?? ""
    if (!want.startsWith("{")) {
      if (want !== segment) return undefined
      continue
    }
    if (segment === "") return undefined
    try {
      parameters[want.slice(1, -1)] = decodeURIComponent(segment)
    } catch {
      return undefined
    }
  }
  return parameters
}

/** A route's path with its parameters in their places; a parameter without a value stays a placeholder. */
export const pathOf = (template: string, parameters: Readonly<Record<string, string | undefined>>): string =>
  template.includes("{") ? template.replace(/\{(\w+)\}/g, (placeholder, name) => parameters[name] ?? placeholder) : template

/** Split and sorted once: a request is compared only with the routes of its method and number of segments. */
const candidates = Map.groupBy(
  routes.map((route) => ({ route, wanted: segments(route.path) })).sort((a, b) => parametersOf(a.route) - parametersOf(b.route)),
  ({ route, wanted }) => `${route.method} ${wanted.length}`,
)

/** The route of a request with its path parameters; a literal segment wins over a parameter, as in API Gateway. */
export function findRoute(method: string, path: string): { route: Route; parameters: Record<string, string> } | undefined {
  const given = segments(path)
  for (const { route, wanted } of candidates.get(`${method} ${given.length}`) ?? []) {
    const parameters = matchSegments(wanted, given)
    if (parameters) return { route, parameters }
  }
  return undefined
}

/**
 * The methods that exist for a path: empty means 404, otherwise they are the Allow header of a 405. A literal path wins here,
 * too.
 */
export function allowedMethods(path: string): string[] {
  const matching = routes.filter((candidate) => matchPath(candidate.path, path))
  const literal = matching.filter((candidate) => candidate.path === path)
  return [...new Set((literal.length > 0 ? literal : matching).map(({ method }) => method))]
}
