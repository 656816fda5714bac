import { SkuId } from "../../contracts/http/primitives.ts"
import { isUuid } from "../../domain/ids.ts"
import type { Exchange, Step } from "./exchange.ts"
import { nothingHere } from "./nothing-here.ts"
import { invalid, validated } from "./validated.ts"

/**
 * Reads path and query. A malformed id is the id of nothing, so the answer is "not found" and not "invalid". Or it is the name of
 * a resource with other methods (`GET /v1/reservations/batch`).
 */
export const parameters = (): Step => ({
  before: ({ event: exchange }) => {
    for (const name of exchange.endpoint.pathParameters) exchange.path[name] = pathParameter(exchange, name)
    if (exchange.endpoint.query) exchange.query = query(exchange.endpoint.query, exchange.event.rawQueryString)
  },
})

function pathParameter({ event }: Exchange, name: string): string {
  const given = event.pathParameters?.[name] ?? ""
  if (name === "sku_id") {
    if (SkuId.safeParse(given).success) return given
  } else {
    const id = given.toLowerCase()
    if (isUuid(id)) return id
  }
  throw nothingHere(event.requestContext.http.method, event.rawPath)
}

function query(schema: NonNullable<Exchange["endpoint"]["query"]>, raw: string): unknown {
  // Without a prototype: a parameter with the name __proto__ is then an ordinary one.
  const values: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(raw)) {
    if (Object.hasOwn(values, name)) throw invalid([{ field: name, message: "is given more than once" }])
    values[name] = value
  }
  return validated(schema, values)
}
