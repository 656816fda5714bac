import { clientHeaders, siteHostHeader, wafHeaderPrefix } from "../../core/contracts/http/client-headers.ts"

/**
 * Without an edge, and without TLS fingerprints, a load test sends what the edge would send, in a header such as
 * `x-test-edge-cloudfront-viewer-ja4-fingerprint`. Only a gateway that is started for load tests takes it.
 */
export const testHeaderPrefix = "x-test-edge-"

const edgeOwned: ReadonlySet<string> = new Set([...Object.values(clientHeaders), siteHostHeader])

/**
 * The name under which the gateway passes on a client's header; undefined for a header that only the edge may send. On AWS the
 * firewall (WAF) refuses such a request. Here the gateway drops the header.
 */
export function nameBehindEdge(name: string, takesTestHeaders: boolean): string | undefined {
  if (takesTestHeaders && name.startsWith(testHeaderPrefix)) return name.slice(testHeaderPrefix.length)
  return name.startsWith(wafHeaderPrefix) || edgeOwned.has(name) ? undefined : name
}
