import type { CfnWebACL } from "aws-cdk-lib/aws-wafv2"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findRoute, pathOf, routes } from "../../core/contracts/http/routes.ts"
import type { StageConfig } from "../../lib/config.ts"
import { edgeRules, oddPath } from "../../lib/constructs/edge-rules.ts"
import { stages } from "../../lib/stages.ts"
import { applies, capacityOf, withoutDots } from "./firewall-model.ts"

/** The rules of a stage, with statements that are no tokens of CDK. */
const rulesOf = (stage: StageConfig) =>
  edgeRules(stage).map(({ name, statement }) => ({ name, statement: statement as CfnWebACL.StatementProperty }))

const rules = rulesOf(stages.prod)
const others = rules.filter(({ name }) => name !== "OddPaths")
const isOdd = (path: string) => new RegExp(oddPath).test(path)

/** The paths of all routes, with parameters as clients send them. */
const targets = routes.map(({ method, path }) => ({
  method,
  path: pathOf(path, {
    sku_id: "SKU-001",
    reservation_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
    order_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  }),
}))

/** One way to write a path differently. */
const change = fc.record({
  kind: fc.constantFrom(
    "encode",
    "encode-low",
    "encode-twice",
    "self",
    "back",
    "double",
    "backslash",
    "below-admin",
    "slash",
    "case",
  ),
  at: fc.nat(200),
})
const spellings = fc
  .tuple(fc.constantFrom(...targets), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([target, changes]) => ({
    ...target,
    spelling: changes.reduce(changed, target.path),
  }))

function changed(path: string, { kind, at }: { kind: string; at: number }): string {
  const index = at % path.length
  const [before, character, after] = [path.slice(0, index), path[index] ?? "", path.slice(index + 1)]
  const hex = character.charCodeAt(0).toString(16).padStart(2, "0")
  const slash = path.indexOf("/", index) === -1 ? 0 : path.indexOf("/", index)
  const atSlash = (inserted: string) => path.slice(0, slash) + inserted + path.slice(slash)
  switch (kind) {
    case "encode":
      return `${before}%${hex.toUpperCase()}${after}`
    case "encode-low":
      return `${before}%${hex}${after}`
    case "encode-twice":
      return `${before}%25${hex}${after}`
    case "self":
      return atSlash("/.")
    case "back":
      return atSlash("/x/..")
    case "double":
      return atSlash("/")
    case "backslash":
      return path.replace(/(?<=.)\//, "\\")
    case "below-admin":
      return `/v1/admin/../..${path}`
    case "slash":
      return `${path}/`
    default:
      return before + character.toUpperCase() + after
  }
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
/** What a gateway may make of a path before it looks for the route. API Gateway decodes it, and ends it at a question mark. */
const gateways: readonly ((path: string) => string)[] = [
  (path) => path,
  decoded,
  (path) => decoded(path).split("?")[0] ?? "",
  (path) => withoutDots(path),
  (path) => withoutDots(decoded(path)),
  (path) => withoutDots(decoded(path).replaceAll("\\", "/")),
]

const reached = (method: string, path: string) => findRoute(method, path)?.route

describe("a path that is written in another way", () => {
  test("is stopped at the edge if any gateway could take it for a route", () => {
    fc.assert(
      fc.property(spellings, ({ method, spelling }) => {
        const routesOf = gateways.map((gateway) => reached(method, gateway(spelling)))
        if (routesOf.every((route) => route === undefined)) return
        expect(isOdd(spelling) || routesOf.every((route) => route === reached(method, spelling)), spelling).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test("meets every rule of the path that a decoding gateway makes of it, also without the rule against such paths", () => {
    fc.assert(
      fc.property(spellings, ({ method, spelling }) => {
        const path = withoutDots(decoded(spelling))
        if (reached(method, path) === undefined) return
        for (const { name, statement } of others) {
          const [odd, plain] = [spelling, path].map((each) => applies(statement, { method, path: each }))
          expect(odd, `${name} on ${method} ${spelling}`).toBe(plain)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test("/v1/%72eservations and /v1/admin/../reservations are a shopper's write", () => {
    for (const path of ["/v1/%72eservations", "/v1/admin/../reservations", "/v1/admin/%2e%2e/reservations", "/v1/reservations"]) {
      for (const name of ["WritesPerFingerprint", "WritesWithoutVisit", "WritesNeedToken", "BotControl"]) {
        const statement = rules.find((rule) => rule.name === name)?.statement ?? {}
        expect(applies(statement, { method: "POST", path }), `${name} on ${path}`).toBe(true)
      }
    }
    const needsToken = rules.find(({ name }) => name === "WritesNeedToken")?.statement ?? {}
    expect(applies(needsToken, { method: "POST", path: "/v1/reservations/batch" })).toBe(false)
  })

  test("is answered 404 with our problem; the paths of the API and of the page are not odd", () => {
    for (const { path } of targets) expect(isOdd(path), path).toBe(false)
    for (const path of [
      "/",
      "/index.html",
      "/sale/SKU_001-x",
      "/orders",
      "/assets/index-D_f-1.js",
      "/.well-known/receipt-keys.json",
    ])
      expect(isOdd(path), path).toBe(false)
    for (const path of ["/v1/%72eservations", "//v1", "/v1/./x", "/v1/..", "/v1\\x"]) expect(isOdd(path), path).toBe(true)
    // After the rule against forged labels, and before every other.
    expect(edgeRules(stages.prod)[1]).toMatchObject({
      name: "OddPaths",
      action: { block: { customResponse: { responseCode: 404, customResponseBodyKey: "odd-path" } } },
    })
  })
})

describe("every stage's firewall", () => {
  test.each(Object.values(stages).map((stage) => [stage.name, stage] as const))(
    "%s compares paths as the API sees them",
    (_, stage) => {
      const matches = [
        ...JSON.stringify(edgeRules(stage)).matchAll(
          /"fieldToMatch":\{"uriPath":\{\}\},"positionalConstraint":"\w+","textTransformations":(\[.*?\])/g,
        ),
      ]
      expect(matches.length).toBeGreaterThan(5)
      for (const [, transformations = ""] of matches) {
        expect(JSON.parse(transformations)).toEqual([
          { priority: 0, type: "URL_DECODE" },
          { priority: 1, type: "NORMALIZE_PATH" },
        ])
      }
    },
  )

  test.each(Object.values(stages).map((stage) => [stage.name, stage] as const))(
    "%s stays below the capacity of a web ACL",
    (_, stage) => {
      expect(rulesOf(stage).reduce((sum, { statement }) => sum + capacityOf(statement), 0)).toBeLessThanOrEqual(1_500)
    },
  )
})
