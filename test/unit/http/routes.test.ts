import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findRoute, matchPath, routes } from "../../../core/contracts/http/routes.ts"

const methods = ["GET", "POST", "DELETE"] as const
const segment = fc.oneof(
  fc.constantFrom(...new Set(routes.flatMap(({ path }) => path.split("/").slice(1)))),
  fc.constantFrom("", "%", "a%2Fb", "é", "sku-001"),
)
/** Any path, and paths of routes with any text for their parameters. */
const paths = fc.oneof(
  fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join("/")}`),
  fc.tuple(fc.constantFrom(...routes), segment).map(([{ path }, value]) => path.replace(/\{\w+\}/, value)),
)

describe("the route of a request", () => {
  test("has its method and a template that matches, and of those the fewest parameters", () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), paths, (method, path) => {
        const matching = routes.flatMap((route) => {
          const parameters = route.method === method ? matchPath(route.path, path) : undefined
          return parameters ? [{ route, parameters }] : []
        })
        const found = findRoute(method, path)
        expect(found === undefined).toBe(matching.length === 0)
        if (found === undefined) return
        expect(matching).toContainEqual(found)
        const fewest = Math.min(...matching.map(({ parameters }) => Object.keys(parameters).length))
        expect(Object.keys(found.parameters)).toHaveLength(fewest)
      }),
      { numRuns: 2_000 },
    )
  })

  test("is the literal one when a parameter would match, too", () => {
    expect(findRoute("POST", "/v1/reservations/batch")?.route.lambda).toBe("reserve-batch")
  })
})
