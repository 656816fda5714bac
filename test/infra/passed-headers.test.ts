import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { originSecretHeader } from "../../core/contracts/environment.ts"
import { clientHeaders } from "../../core/contracts/http/client-headers.ts"
import { mostHeadersOfPolicy, neverInCacheKey, reservationHeaders } from "../../lib/constructs/passed-headers.ts"
import { stages } from "../../lib/stages.ts"
import { edgeTemplate, propertiesOf, shop } from "./app-stack.ts"
import { cachePoliciesOf, keyHeaders, originRequestHeaders, originRequestPoliciesOf } from "./edge-policies.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const edges = [...Object.values(stages), { ...shop, name: "prod" as const }].map(
  (stage) => [stage.name, edgeTemplate(stage)] as const,
)

/** Headers that CloudFront passes on whatever the policies say, and the one that it adds to every request of its origin. */
const always = new Set([originSecretHeader])
/** Read behind the behaviour of all other paths, which passes everything on but Host. */
const elsewhere = new Set(["stripe-signature"])

/** The request headers that a source reads: `headers.x`, `headers["x"]`, `headers[clientHeaders.x]`, `{ x } = headers`. */
function readHeadersOf(source: string): string[] {
  const names = (pattern: RegExp) => [...source.matchAll(pattern)].map(([, name = ""]) => name)
  const destructured = names(/\{([^{}]*)\}\s*=\s*[\w.]*\bheaders\b(?!\.|\[|\()/g).flatMap((fields) =>
    fields.split(",").flatMap((field) => /^\s*(?:"([\w-]+)"|(\w+))/.exec(field)?.slice(1).filter(Boolean) ?? []),
  )
  return [
    ...names(/(?<![\w-])headers\.([a-z]\w*)\b(?!\s*\()/g),
    ...names(/\bheaders\[\s*"([\w-]+)"\s*\]/g),
    ...names(/\bheaders\[clientHeaders\.(\w+)\]/g).map((key) => clientHeaders[key as keyof typeof clientHeaders]),
    ...(source.includes("headers[originSecretHeader]") ? [originSecretHeader] : []),
    ...destructured,
  ]
}

const sources = globSync(["core/adapters/http/*.ts", "core/runtime/http*.ts", "lambdas/*/*.ts"], { cwd: root }).filter(
  (file) => !file.startsWith("lambdas/batch-writer/"),
)
const read = new Set(sources.flatMap((file) => readHeadersOf(readFileSync(`${root}/${file}`, "utf8"))))

describe("the headers that the API reads", () => {
  test("are found in the source, in every way to write it", () => {
    expect(
      readHeadersOf('headers.accept; event.headers["x-one"]; headers[clientHeaders.visit]; headers[originSecretHeader]'),
    ).toEqual(["accept", "x-one", clientHeaders.visit, originSecretHeader])
    expect(readHeadersOf('const { "x-two": given, prefer } = exchange.event.headers\n')).toEqual(["x-two", "prefer"])
    for (const name of ["authorization", "idempotency-key", "traceparent", "user-agent", "content-encoding", "prefer"])
      expect(read).toContain(name)
  })

  test("all arrive with a reservation, by the cache key or by the origin request policy", () => {
    const arriving = new Set<string>([...reservationHeaders.key, ...reservationHeaders.passed].map((name) => name.toLowerCase()))
    const lost = [...read].filter((name) => !arriving.has(name) && !always.has(name) && !elsewhere.has(name))
    expect(lost, "headers that CloudFront would drop: add them to lib/constructs/passed-headers.ts").toEqual([])
    const unread = [...arriving].filter((name) => !read.has(name))
    expect(unread, "headers that nothing reads").toEqual([])
  })
})

describe.each(edges)("%s", (name, edge) => {
  const cachePolicies = cachePoliciesOf(edge)

  test("no cache policy names a header that CloudFront takes in an origin request policy alone", () => {
    expect(cachePolicies.length).toBeGreaterThan(3)
    for (const policy of cachePolicies) {
      const key = keyHeaders(policy)
      expect(
        key.filter((header) => neverInCacheKey.includes(header) || header.startsWith("cloudfront-")),
        policy.Name,
      ).toEqual([])
      // A cache policy whose maximum is 0 may have nothing in its key.
      if (key.length > 0) expect(policy).toMatchObject({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 1 })
    }
  })

  test("a policy has no more headers than CloudFront takes, and each once", () => {
    const lists = [
      ...cachePolicies.map(keyHeaders),
      ...originRequestPoliciesOf(edge).map(({ Name }) => originRequestHeaders(edge, Name)),
    ]
    for (const list of lists) {
      expect(list.length).toBeLessThanOrEqual(mostHeadersOfPolicy)
      expect(new Set(list).size).toBe(list.length)
      // Only a cache policy may name it.
      if (list.includes("cloudfront-viewer-address")) expect(list).not.toContain("authorization")
    }
  })

  test("reservations have the token in their key, and the client's fingerprint and address beside it", () => {
    const policy = cachePolicies.find(({ Name }) => Name === `flash-sale-${name}-reservation`)
    expect(policy && keyHeaders(policy)).toContain("authorization")
    const passed = originRequestHeaders(edge, `flash-sale-${name}-reservation`)
    expect(passed).toEqual(expect.arrayContaining(Object.values(clientHeaders)))
  })

  test("CloudFront keeps no error, and replaces none: the time is 0 for every status that it can keep", () => {
    const errors = propertiesOf<{
      DistributionConfig: { CustomErrorResponses: { ErrorCode: number; ErrorCachingMinTTL: number; ResponsePagePath?: string }[] }
    }>(edge, "AWS::CloudFront::Distribution").flatMap(({ DistributionConfig }) => DistributionConfig.CustomErrorResponses)
    expect(errors.map(({ ErrorCode }) => ErrorCode)).toEqual([400, 403, 404, 405, 414, 500, 501, 502, 503, 504])
    for (const error of errors) {
      expect(error.ErrorCachingMinTTL).toBe(0)
      expect(error).not.toHaveProperty("ResponsePagePath")
    }
  })
})
