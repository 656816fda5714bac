import { describe, expect, test } from "vitest"
import { findRoute } from "../../../core/contracts/http/routes.ts"
import { answerOf } from "../../../local/gateway/answer.ts"
import { type HttpRequest, readHeaders, splitTarget, toApiGatewayEvent } from "../../../local/gateway/event.ts"

interface Sent extends Omit<HttpRequest, "path" | "query" | "received"> {
  readonly target: string
  readonly rawHeaders: readonly string[]
}

const request = ({ target = "/v1/reservations", rawHeaders, ...over }: Partial<Sent> = {}): HttpRequest => ({
  method: "POST",
  ...splitTarget(target),
  httpVersion: "1.1",
  received: readHeaders(rawHeaders ?? ["Host", "shop.example:8080", "User-Agent", "curl/8"]),
  body: Buffer.from('{"sku_id":"sku-001"}'),
  sourceIp: "127.0.0.1",
  requestId: "request-1",
  receivedAt: new Date("2026-03-12T19:03:58.390Z"),
  ...over,
})

const eventOf = (sent: Partial<Sent> = {}) => {
  const made = request(sent)
  return toApiGatewayEvent(made, findRoute(made.method, made.path))
}

describe("a header that only the edge may send", () => {
  const forged = [
    "X-Amzn-Waf-Visit",
    "x",
    "X-AMZN-WAF-SUSPECTED",
    "x",
    "CloudFront-Viewer-JA4-Fingerprint",
    "x",
    "cloudfront-viewer-address",
    "x",
  ]
  const said = ["X-Test-Edge-CloudFront-Viewer-Address", "192.0.2.1:5", "x-test-edge-x-amzn-waf-visit", "none"]
  const headersOf = (rawHeaders: string[], takesTestHeaders?: boolean) => readHeaders(rawHeaders, takesTestHeaders).headers

  test("is dropped when the client sends it itself, with the switch of load tests and without", () => {
    for (const takesTestHeaders of [undefined, false, true]) {
      expect(Object.keys(headersOf(["Host", "shop", ...forged], takesTestHeaders)).sort()).toEqual(
        Object.keys(headersOf(["Host", "shop"])).sort(),
      )
    }
  })

  test("is taken from a load test's headers with the switch only", () => {
    const known = { "cloudfront-viewer-address": "192.0.2.1:5", "x-amzn-waf-visit": "none" }
    expect(headersOf([...forged, ...said], true)).toMatchObject(known)
    for (const name of Object.keys(known)) expect(headersOf([...forged, ...said])).not.toHaveProperty(name)
  })
})

describe("an HTTP request as an event of payload format 2.0", () => {
  test("has every member that API Gateway gives it", () => {
    expect(eventOf()).toEqual({
      version: "2.0",
      routeKey: "POST /v1/reservations",
      rawPath: "/v1/reservations",
      rawQueryString: "",
      headers: {
        host: "shop.example:8080",
        "user-agent": "curl/8",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "8080",
        "x-forwarded-proto": "http",
      },
      requestContext: {
        accountId: "000000000000",
        apiId: "local",
        domainName: "shop.example:8080",
        domainPrefix: "shop",
        http: { method: "POST", path: "/v1/reservations", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "curl/8" },
        requestId: "request-1",
        routeKey: "POST /v1/reservations",
        stage: "$default",
        time: "12/Mar/2026:19:03:58 +0000",
        timeEpoch: 1_773_342_238_390,
      },
      body: '{"sku_id":"sku-001"}',
      isBase64Encoded: false,
    })
  })

  test("without a body has no body", () => {
    expect(eventOf({ body: Buffer.alloc(0) })).not.toHaveProperty("body")
  })

  test("carries path parameters decoded and the path as it was sent", () => {
    const event = eventOf({ method: "GET", target: "/v1/skus/sku%2D001/availability" })
    expect(event).toMatchObject({ rawPath: "/v1/skus/sku%2D001/availability", pathParameters: { sku_id: "sku-001" } })
  })

  test("carries the query as sent, and decoded, with repeated parameters joined", () => {
    const event = eventOf({ method: "GET", target: "/v1/orders?a=1&a=%C3%A9&b=x+y&c" })
    expect(event.rawQueryString).toBe("a=1&a=%C3%A9&b=x+y&c")
    expect(event.queryStringParameters).toEqual({ a: "1,é", b: "x y", c: "" })
  })

  test("treats header and query names such as __proto__ like any other name", () => {
    const event = eventOf({ target: "/v1/reservations?__proto__=1", rawHeaders: ["__proto__", "2", "constructor", "3"] })
    expect(Object.entries(event.queryStringParameters ?? {})).toEqual([["__proto__", "1"]])
    expect(Object.entries(event.headers)).toEqual(
      expect.arrayContaining([
        ["__proto__", "2"],
        ["constructor", "3"],
      ]),
    )
  })

  test("joins headers that were sent twice and lists cookies separately", () => {
    const event = eventOf({ rawHeaders: ["Accept", "a", "ACCEPT", "b", "Cookie", "x=1; y=2", "cookie", "z=3"] })
    expect(event.headers).toMatchObject({ accept: "a,b" })
    expect(event.headers).not.toHaveProperty("cookie")
    expect(event.cookies).toEqual(["x=1", "y=2", "z=3"])
  })

  test.each([
    ["is not UTF-8", ["Host", "h"], Buffer.from([0xc3, 0x28])],
    ["is encoded", ["Content-Encoding", "gzip"], Buffer.from("plain")],
  ])("has base64 where the body %s", (_name, rawHeaders, body) => {
    expect(eventOf({ rawHeaders, body })).toMatchObject({ isBase64Encoded: true, body: body.toString("base64") })
  })

  test("keeps a byte order mark, which the handler refuses", () => {
    expect(eventOf({ body: Buffer.from("\uFEFF{}") })).toMatchObject({ isBase64Encoded: false, body: "\uFEFF{}" })
  })

  test("has the path of an absolute target", () => {
    expect(eventOf({ method: "GET", target: "http://other.example/v1/skus?x" })).toMatchObject({
      rawPath: "/v1/skus",
      rawQueryString: "x",
    })
    expect(splitTarget("http://other.example")).toEqual({ path: "/", query: "" })
  })
})

describe("the HTTP answer for the result of a function", () => {
  test("a result without a status is a 200 with the result as JSON", () => {
    expect(answerOf({ body: "x" })).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: '{"body":"x"}',
    })
    expect(answerOf("hello")).toEqual({ statusCode: 200, headers: { "content-type": "application/json" }, body: "hello" })
  })

  test("header names are lower-case and values are text", () => {
    expect(answerOf({ statusCode: 202, headers: { "Retry-After": 1 } }).headers).toEqual({ "retry-after": "1" })
  })
})
