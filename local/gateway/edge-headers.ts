import { clientHeaders, wafHeaderPrefix } from "../../core/contracts/http/client-headers.ts"

/**
 * How a load test says what an edge would have found out, where there is no edge and no TLS hello to read:
 * `x-test-edge-cloudfront-viewer-ja4-fingerprint`. Only a gateway that is told to listens to it.
 */
export const testHeaderPrefix = "x-test-edge-"

const edgeOwned: ReadonlySet<string> = new Set(Object.values(clientHeaders))

/**
 * The name under which a client's header goes on; undefined for one that only the edge may write. On AWS such a request is
 * refused by WAF, here the header is dropped: it is believed nowhere.
 */
export function nameBehindEdge(name: string, takesTestHeaders: boolean): string | undefined {
  if (takesTestHeaders && name.startsWith(testHeaderPrefix)) return name.slice(testHeaderPrefix.length)
  return name.startsWith(wafHeaderPrefix) || edgeOwned.has(name) ? undefined : name
}
