/** Who may call a route: anyone, any holder of a token, or the holder of a token with the scope. */
export type Access = "anyone" | "shopper" | "reservations:batch" | "sales:admin"

export interface Route {
  readonly method: "GET" | "POST" | "DELETE"
  /** API Gateway's route syntax: `{name}` stands for one path segment. */
  readonly path: string
  /** The folder in `lambdas/` whose handler serves it. */
  readonly lambda: string
  readonly access: Access
  readonly summary: string
  /** Where API Gateway is not in front: the local run serves these itself. */
  readonly maxBodyBytes?: number
  /** Whatever is gone, the answer comes before this; without one it comes before API Gateway gives up. */
  readonly answerWithinMs?: number
}

const kilobyte = 1_024

/** Bodies are small on purpose; the batch intake alone may carry a thousand items. */
export const maxBodyBytes = 8 * kilobyte
const maxBatchBodyBytes = 512 * kilobyte
/** An event of the provider's holds the whole payment: some kilobytes, and what it may grow by. */
export const maxWebhookBodyBytes = 64 * kilobyte

/**
 * How long a shopper waits for an answer at most, whichever part is gone (docs/RELIABILITY.md). Most outages are told earlier, by
 * the time-out of the part that is missing; these bound the sum where several are waited for one after the other.
 */
export const answerLimits = {
  readMs: 3_000,
  /** Put in line, decided, and looked at once more in PostgreSQL. */
  reserveMs: 10_000,
  /** May wait for the lock of its SKU. */
  cancelMs: 8_000,
  /** A slow provider, and what comes before and after it. */
  checkoutMs: 10_000,
  /** As a checkout whose authorisation is over. The provider waits for 10 s and more. */
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
  route("GET", "/v1/admin/verify", "admin", "sales:admin", "Check every invariant that SQL can see"),
]

/** API Gateway's catch-all: what no route matches is answered 404 or 405 by our own code, in our own words. */
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

/** Cut and sorted once: a request is compared with the few routes of its method and number of segments. */
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
