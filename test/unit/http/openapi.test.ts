import { describe, expect, test } from "vitest"
import { openApiDocument } from "../../../core/contracts/http/openapi.ts"
import { operations } from "../../../core/contracts/http/operations.ts"
import { routes } from "../../../core/contracts/http/routes.ts"
import { opsProblems } from "../../../core/contracts/ops.ts"
import { problems } from "../../../core/contracts/problems.ts"

interface Link {
  operationId: string
  parameters: Record<string, string>
  requestBody?: Record<string, string>
}
interface Described {
  operationId: string
  security: Record<string, string[]>[]
  parameters?: { in: string; name: string }[]
  responses: Record<
    string,
    { headers: Record<string, unknown>; content: Record<string, { schema: object }>; links?: Record<string, Link> }
  >
  requestBody?: { content: Record<string, { schema: object }> }
}
const document = openApiDocument()
const described = routes.map((route) => ({
  route,
  operation: (document.paths as unknown as Record<string, Record<string, Described>>)[route.path]?.[route.method.toLowerCase()],
}))

test("the document describes every route of the table and nothing else", () => {
  expect(Object.keys(operations).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort())
  expect(described.every(({ operation }) => operation !== undefined)).toBe(true)
  expect(new Set(described.map(({ operation }) => operation?.operationId)).size).toBe(routes.length)
})

test("the document is built once", () => {
  expect(openApiDocument()).toBe(document)
})

test("every reference in the document has a target", () => {
  const text = JSON.stringify(document)
  for (const [, path = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = path.split("/").reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document)
    expect(target, path).toBeDefined()
  }
})

describe.each(described)("$route.method $route.path", ({ route, operation }) => {
  const responses = Object.entries(operation?.responses ?? {})

  test("names its path parameters", () => {
    const named = operation?.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name) ?? []
    expect(named.map((name) => `{${name}}`)).toEqual(route.path.match(/\{\w+\}/g) ?? [])
  })
  test("requires a token exactly where one is needed", () => {
    expect(operation?.security).toEqual(
      route.access === "anyone" ? [] : [{ bearer: route.access === "shopper" ? [] : [route.access] }],
    )
    expect(responses.some(([status]) => status === "401")).toBe(route.access !== "anyone")
  })
  test("describes the content of every answer and its correlation id", () => {
    for (const [status, { headers, content }] of responses) {
      expect(headers).toHaveProperty("x-correlation-id")
      expect(Object.keys(content)).toEqual([Number(status) < 400 ? "application/json" : "application/problem+json"])
    }
  })
  test("has a Retry-After wherever waiting helps", () => {
    for (const [status, { headers }] of responses) {
      if (status === "429" || status === "503" || status === "202") {
        expect(Object.keys(headers).includes("Retry-After")).toBe(route.path !== "/v1/reservations/batch" || status !== "202")
      }
    }
  })
})

describe("links lead from an answer to the next possible operations", () => {
  /** The schema that a reference or a pointer names; any number names the members of a list. */
  const at = (schema: unknown, path: readonly string[]): unknown => {
    const node = schema as { $ref?: string; properties?: Record<string, unknown>; items?: unknown } | undefined
    if (node?.$ref) {
      const target = node.$ref.split("/").slice(1)
      return at(
        target.reduce<unknown>((from, key) => (from as Record<string, unknown>)[key], document),
        path,
      )
    }
    const [member, ...rest] = path
    if (node === undefined || member === undefined) return node
    return at(/^\d+$/.test(member) ? node.items : node.properties?.[member], rest)
  }
  const links = described.flatMap(({ route, operation }) =>
    Object.entries(operation?.responses ?? {}).flatMap(([status, response]) =>
      Object.values(response.links ?? {}).map((link) => ({ from: `${route.method} ${route.path} ${status}`, response, link })),
    ),
  )

  test.each(links)("$from to $link.operationId", ({ response, link }) => {
    const target = described.find(({ operation }) => operation?.operationId === link.operationId)?.operation
    const known = target?.parameters?.map(({ in: place, name }) => `${place}.${name}`) ?? []
    expect(known).toEqual(expect.arrayContaining(Object.keys(link.parameters)))
    const body = target?.requestBody?.content["application/json"]?.schema
    for (const field of Object.keys(link.requestBody ?? {})) expect(at(body, [field]), field).toBeDefined()
    const answer = response.content["application/json"]?.schema
    for (const expression of [...Object.values(link.parameters), ...Object.values(link.requestBody ?? {})]) {
      expect(at(answer, expression.replace("$response.body#/", "").split("/")), expression).toBeDefined()
    }
  })
  test("from the catalogue to the order, and to every operation that takes an id", () => {
    const led = new Set(links.map(({ link }) => link.operationId))
    const taking = described.filter(({ route }) => route.path.includes("{")).map(({ operation }) => operation?.operationId)
    expect(taking.filter((id) => id !== undefined && !led.has(id))).toEqual([])
    expect([...led]).toEqual(expect.arrayContaining(["reserve", "checkout", "getOrder", "listOrders"]))
  })
})

test("every problem of the closed list is an answer of some route, or of an operator's command alone", () => {
  const text = JSON.stringify(document)
  const unanswered = Object.keys(problems).filter((slug) => !text.includes(`"/problems/${slug}"`))
  expect(unanswered.sort()).toEqual([...opsProblems].sort())
})
