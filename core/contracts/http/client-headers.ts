/** WAF writes this before the names of the headers that it inserts; whoever sends one himself is refused by the edge. */
export const wafHeaderPrefix = "x-amzn-waf-"

/** What the edge tells of a client, and the values that say something. */
export const clientHeaders = {
  /** JA4 of the TLS hello. CloudFront writes it itself where it is part of the cache key. */
  fingerprint: "cloudfront-viewer-ja4-fingerprint",
  /** `address:port`, from CloudFront as well; `x-forwarded-for` begins with whatever the client wrote. */
  address: "cloudfront-viewer-address",
  /** `fingerprint`: many writes of one TLS client in one network; `bot`: Bot Control's signals. */
  suspected: `${wafHeaderPrefix}suspected`,
  /** `none`: the client has not solved the challenge of the page. */
  visit: `${wafHeaderPrefix}visit`,
} as const
