import { connect } from "node:tls"
import { doesNotApply, type Finding, isNotOk, isOk } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"

/** A shopper waits longer than this only when something is cold. */
const mostReadMs = 500
/** The first answers warm what is cold; the last one counts. */
const requests = 3
const requestWithinMs = 5_000
const day = 86_400_000
/** Certificates are renewed 60 days before their end; one with less than this was not. */
const leastCertificateDays = 21

export interface EdgeOptions {
  /** The address of the shop. */
  readonly siteUrl: string
  /** The address of the API. */
  readonly apiUrl: string
  readonly skuIds: readonly string[]
  /** True when a cache of the edge has to answer the page. */
  readonly isCached: boolean
  readonly lookWith: string
}

/** What a shopper sees, through the public address: the page, the stock, and the certificate. */
export function edgeChecks({ siteUrl, apiUrl, skuIds, isCached, lookWith }: EdgeOptions): PreflightCheck[] {
  const reads = skuIds.length === 0 ? ["/v1/skus"] : skuIds.map((skuId) => `/v1/skus/${skuId}/availability`)
  return [
    { part: "edge", items: ["page"], lookWith, run: async () => [await judgeRead(new URL("/", siteUrl), isCached, lookWith)] },
    ...reads.map(
      (path): PreflightCheck => ({
        part: "edge",
        items: [path],
        lookWith: "ops logs availability --errors",
        run: async () => [await judgeRead(new URL(path, apiUrl), false, "ops logs availability --errors")],
      }),
    ),
    {
      part: "edge",
      items: ["certificate"],
      lookWith,
      run: async () => [await judgeCertificate(new URL(siteUrl), lookWith)],
    },
  ]
}

async function judgeRead(url: URL, isCached: boolean, mend: string): Promise<Finding> {
  let last: { status: number; ms: number; cache: string } | undefined
  for (let request = 0; request < requests; request += 1) {
    const begunMs = performance.now()
    const response = await fetch(url, { signal: AbortSignal.timeout(requestWithinMs) })
    await response.arrayBuffer()
    last = { status: response.status, ms: performance.now() - begunMs, cache: response.headers.get("x-cache") ?? "" }
  }
  const { status = 0, ms = 0, cache = "" } = last ?? {}
  const shown = `${status} in ${Math.round(ms)} ms${cache === "" ? "" : `, ${cache}`}`
  if (status !== 200) return isNotOk(`${url.href} answered ${shown}`, mend)
  if (isCached && !/hit/i.test(cache)) return isNotOk(`the edge did not answer from its cache: ${shown}`, mend)
  return ms > mostReadMs ? isNotOk(`${url.href} took longer than ${mostReadMs} ms: ${shown}`, mend) : isOk(shown)
}

/** @throws the errors of the connection */
async function judgeCertificate({ protocol, hostname, port }: URL, mend: string): Promise<Finding> {
  if (protocol !== "https:") return doesNotApply("this system has no certificate")
  const validTo = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname }, () => {
      resolve(socket.getPeerCertificate().valid_to)
      socket.end()
    })
    socket.setTimeout(requestWithinMs, () => socket.destroy(new Error("no answer in time")))
    socket.once("error", reject)
  })
  const days = Math.floor((Date.parse(validTo) - Date.now()) / day)
  const shown = `valid for ${days} more days`
  return days < leastCertificateDays ? isNotOk(shown, mend) : isOk(shown)
}
