import { describe, expect, test } from "vitest"
import { siteHostHeader } from "../../core/contracts/http/client-headers.ts"
import { siteOf } from "../../lambdas/checkout/site.ts"
import { siteHostCode } from "../../lib/constructs/site-host.ts"

describe("the page to which a bank sends a shopper back, on a stage without a domain", () => {
  /** Runs the code that CloudFront runs. */
  const atEdge = (headers: Record<string, { value: string }>) =>
    (new Function(`${siteHostCode}\nreturn handler`)() as (event: object) => { headers: typeof headers })({
      request: { headers },
    }).headers

  test("is the name under which the shopper sees the shop; what a client says of it is overwritten", () => {
    const host = { value: "d111111abcdef8.cloudfront.net" }
    expect(atEdge({ host })[siteHostHeader]).toEqual(host)
    const seen = atEdge({ host, [siteHostHeader]: { value: "evil.cloudfront.net" } })
    expect(siteOf(seen[siteHostHeader]?.value)).toBe("https://d111111abcdef8.cloudfront.net/")
  })

  test.each([
    undefined,
    "",
    "sale.example.com",
    "cloudfront.net",
    "d1.evil.example/.cloudfront.net",
    "d111111abcdef8.cloudfront.net.evil.example",
    "user@d111111abcdef8.cloudfront.net",
    "d111111abcdef8.cloudfront.net/../x",
  ])("is unknown for %j", (host) => {
    expect(siteOf(host)).toBeUndefined()
  })
})
