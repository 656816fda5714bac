import * as z from "zod"
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi"
import { type ProblemSlug, problems } from "../problems.ts"
import { type Answer, type Operation, operations } from "./operations.ts"
import { IdempotencyKey, SkuId } from "./primitives.ts"
import { ProblemDocument } from "./problem.ts"
import { matchPath, type Route, routes } from "./routes.ts"

/** The problems that any route may answer, to any client. */
const alwaysPossible: readonly ProblemSlug[] = [
  "not-acceptable",
  "request-timeout",
  "payload-too-large",
  "headers-too-large",
  "internal-error",
  "temporarily-unavailable",
]

const responseHeader = <Schema extends z.ZodType>(id: string, schema: Schema, description: string): Schema =>
  schema.meta({ description, header: { id } })

const CorrelationId = responseHeader("CorrelationId", z.string(), "Names this exchange in logs; the client's own id if valid.")
const RetryAfter = responseHeader("RetryAfter", z.int().min(1), "Seconds to wait before asking again.")
const PerhapsRetryAfter = responseHeader("PerhapsRetryAfter", z.int().min(1).optional(), "As Retry-After, where it may help.")
const Location = responseHeader("Location", z.string(), "Where to ask what has become of it; carries the receipt, if any.")
const CacheControl = responseHeader("CacheControl", z.string(), "How long a shared cache may keep it.")
const Allow = responseHeader("Allow", z.string(), "The methods that are allowed here.")
const Challenge = responseHeader("Challenge", z.string(), "What is wrong with the token (RFC 6750).")

const IdempotencyKeyHeader = IdempotencyKey.meta({
  description: "Chosen by the client, one for each thing it wants; a retry with the same key has the same effect, once.",
})
const Prefer = z.string().optional().meta({
  description: "`respond-async`: answer 202 at once rather than wait for the decision (RFC 7240).",
  example: "respond-async",
})

const Signature = z.string().meta({ description: "`t=<seconds>,v1=<HMAC-SHA256 of t, a dot and the body>` (Stripe's scheme)." })

let document: ReturnType<typeof createDocument> | undefined

/** The OpenAPI 3.1 document of the API, made from the schemas with which the handlers parse. Built once in a process. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  document ??= createDocument({
    openapi: "3.1.1",
    info: {
      title: "Flash sale",
      version: "1.0.0",
      description: "Limited stock, first come, first served. Errors are problem documents (RFC 9457) of a closed list.",
    },
    servers: [{ url: "/" }],
    paths: paths(),
    components: {
      schemas: { Problem: ProblemDocument },
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  })
  return document
}

function paths(): ZodOpenApiPathsObject {
  const all: ZodOpenApiPathsObject = {}
  for (const route of routes) {
    const operation = operations[`${route.method} ${route.path}`]
    if (operation === undefined) throw new Error(`${route.method} ${route.path} has no operation`)
    all[route.path] = { ...all[route.path], [route.method.toLowerCase()]: describe(route, operation) }
  }
  return all
}

function describe(route: Route, operation: Operation): ZodOpenApiOperationObject {
  const { body, query, idempotencyKey, prefer, signed } = operation
  const path = Object.fromEntries(parametersOf(route).map((name) => [name, name === "sku_id" ? SkuId : z.uuid()]))
  const header = {
    ...(idempotencyKey && {
      "Idempotency-Key": idempotencyKey === "required" ? IdempotencyKeyHeader : IdempotencyKeyHeader.optional(),
    }),
    ...(prefer && { Prefer }),
    ...(signed && { "Stripe-Signature": Signature }),
  }
  return {
    operationId: operation.id,
    summary: route.summary,
    tags: [route.lambda],
    security: securityOf(route),
    requestParams: { path: z.object(path), header: z.object(header), ...(query && { query }) },
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: { ...answersOf(operation), ...refusalsOf(route, operation) },
  }
}

const parametersOf = ({ path }: Route): string[] => [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? [])

function securityOf({ access }: Route): Record<string, string[]>[] {
  if (access === "anyone") return []
  return [{ bearer: access === "shopper" ? [] : [access] }]
}

type Responses = Record<`${2 | 4 | 5}${string}`, ZodOpenApiResponseObject>

function answersOf({ answers }: Operation): Responses {
  const responses: Responses = {}
  for (const [status, { description, schema, isPending, isCacheable, leadsTo }] of Object.entries<Answer>(answers)) {
    responses[status as keyof Responses] = {
      description,
      headers: z.object({
        "x-correlation-id": CorrelationId,
        ...(isPending && { Location, "Retry-After": RetryAfter }),
        ...(isCacheable && { "Cache-Control": CacheControl }),
      }),
      content: { "application/json": { schema } },
      ...(leadsTo && { links: linksTo(leadsTo) }),
    }
  }
  return responses
}

const inBody = (members: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [name, `$response.body#/${member}`]))

const prefixed = (place: string, values: Record<string, string>): [string, string][] =>
  Object.entries(values).map(([name, value]) => [`${place}.${name}`, value])

const linksTo = (leads: NonNullable<Answer["leadsTo"]>) =>
  Object.fromEntries(
    leads.map(({ operation, path = {}, query = {}, body }) => [
      operation,
      {
        operationId: operation,
        parameters: Object.fromEntries([...prefixed("path", inBody(path)), ...prefixed("query", inBody(query))]),
        ...(body && { requestBody: inBody(body) }),
      },
    ]),
  )

/** The problems of a route, one response for each status. */
function refusalsOf(route: Route, operation: Operation): Responses {
  const byStatus = Map.groupBy(new Set(problemsOf(route, operation)), (slug) => problems[slug].status)
  const responses: Responses = {}
  for (const [status, slugs] of byStatus) {
    responses[`${status}` as keyof Responses] = {
      description: slugs.map((slug) => problems[slug].title).join("; "),
      headers: z.object({
        "x-correlation-id": CorrelationId,
        ...(slugs.some(isRetriedAfter) && { "Retry-After": slugs.every(isRetriedAfter) ? RetryAfter : PerhapsRetryAfter }),
        ...(status === 405 && { Allow }),
        ...((status === 401 || status === 403) && { "WWW-Authenticate": Challenge }),
      }),
      content: {
        "application/problem+json": { schema: problemSchema(status, slugs) },
      },
    }
  }
  return responses
}

/** A problem of one of these kinds. */
const problemSchema = (status: number, slugs: readonly ProblemSlug[]) => ({
  allOf: [{ $ref: "#/components/schemas/Problem" }],
  properties: { status: { const: status }, type: { enum: slugs.map((slug) => `/problems/${slug}`) } },
})

const isRetriedAfter = (slug: ProblemSlug): boolean => problems[slug].retry === "after" || problems[slug].status === 503

function problemsOf(route: Route, { idempotencyKey, query, signed, problems: own = [] }: Operation): ProblemSlug[] {
  const takesBody = route.method === "POST"
  return [
    ...alwaysPossible,
    ...own,
    ...whenever(route.access !== "anyone", "unauthorized"),
    ...whenever(route.access !== "anyone" && route.access !== "shopper", "insufficient-scope"),
    ...whenever(parametersOf(route).length > 0, "not-found"),
    ...whenever(hidesAnother(route), "method-not-allowed"),
    ...whenever(takesBody, "malformed-json", "unsupported-media-type"),
    ...whenever(takesBody && !signed, "validation-failed"),
    ...whenever(route.method !== "GET", "outcome-unknown"),
    ...whenever(query !== undefined, "validation-failed"),
    ...whenever(idempotencyKey === "required", "idempotency-key-required"),
    ...whenever(idempotencyKey !== undefined, "idempotency-key-invalid"),
  ]
}

/** True where a parameter can also be the name of another resource with other methods: `/v1/reservations/batch`. */
const hidesAnother = (route: Route): boolean =>
  routes.some(({ path }) => path !== route.path && matchPath(route.path, path) !== undefined)

const whenever = (condition: boolean, ...slugs: ProblemSlug[]): ProblemSlug[] => (condition ? slugs : [])
