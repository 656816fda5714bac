/** WAF writes this before the names of the headers that it inserts. The edge refuses a client that sends such a header. */
export const wafHeaderPrefix = "x-amzn-waf-"

/**
 * The name under which the shopper sees the shop, on a stage without a domain: CloudFront makes the name of a distribution, and
 * no template can tell it to a function that the distribution itself needs. A function at the edge writes it into every request
 * of the API, over what a client sent. Stages with a domain do not read it.
 */
export const siteHostHeader = "x-flash-sale-site-host"

/** The headers in which the edge describes a client, and the values that have a meaning. */
export const clientHeaders = {
  /** JA4 of the TLS hello. CloudFront writes it where a policy names it (lib/constructs/passed-headers.ts). */
  fingerprint: "cloudfront-viewer-ja4-fingerprint",
  /** `address:port`, from CloudFront as well. `x-forwarded-for` is of no use: it begins with the text that the client sent. */
  address: "cloudfront-viewer-address",
  /** `fingerprint`: many writes of one TLS client in one network; `bot`: Bot Control's signals. */
  suspected: `${wafHeaderPrefix}suspected`,
  /** `none`: the client has not solved the challenge of the page. */
  visit: `${wafHeaderPrefix}visit`,
} as const
