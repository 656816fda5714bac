import { clientHeaders } from "../../core/contracts/http/client-headers.ts"

/** CloudFront takes this many headers in one policy (docs.aws.amazon.com/AmazonCloudFront, "Quotas on policies"). */
export const mostHeadersOfPolicy = 10

/**
 * The headers of `POST /v1/reservations` that CloudFront passes on; it drops all others. An origin request policy cannot have all
 * headers of the viewer without Host, and CloudFront's own headers as well: so both policies of the behaviour name what the API
 * reads. A test compares them with the code.
 *
 * CloudFront writes `CloudFront-Viewer-*` itself, over what a client sent. It takes `CloudFront-Viewer-Address` in an origin
 * request policy alone (its guide, "Add CloudFront request headers"), and the two fingerprints of TLS as well.
 */
export const reservationHeaders = {
  /**
   * In the cache key, which is passed on, too. `Authorization` may be in a cache policy alone, and only in one whose maximum is
   * above 0. Nothing is cached: only POST has an answer here.
   */
  key: ["authorization", "idempotency-key", "content-type", "content-encoding", "accept", "prefer"],
  /** In the origin request policy. */
  passed: [
    // In CloudFront's own spelling. The two others come from WAF.
    "CloudFront-Viewer-JA4-Fingerprint",
    "CloudFront-Viewer-Address",
    clientHeaders.suspected,
    clientHeaders.visit,
    "user-agent",
    "accept-language",
    "sec-fetch-site",
    "sec-ch-ua",
    "x-correlation-id",
    "traceparent",
  ],
} as const satisfies Record<string, readonly string[]>

/** CloudFront refuses these in a cache policy: they differ for every connection, or are no part of what is asked. */
export const neverInCacheKey: readonly string[] = [
  "cloudfront-viewer-address",
  "cloudfront-viewer-ja3-fingerprint",
  "cloudfront-viewer-ja4-fingerprint",
  "cloudfront-viewer-tls",
  "cloudfront-viewer-header-order",
  "cloudfront-viewer-header-count",
]
