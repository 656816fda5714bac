import { hash } from "node:crypto"
import { clientHeaders } from "../../contracts/http/client-headers.ts"
import type { Client, RequestSignal } from "../../domain/suspicion.ts"
import type { Caller } from "./token.ts"

type Headers = Readonly<Record<string, string | undefined>>

const newAccountMs = 24 * 3_600_000
/** Extensions in a browser's hello, at least: Safari sends the fewest, 13. Programs send fewer, or do not use HTTP/2. */
const leastBrowserExtensions = 13
/** The first part of a JA4: TCP or QUIC, TLS version, SNI or none, number of ciphers and extensions, ALPN. */
const helloPattern = /^[tqd](\d\d)([di])\d\d(\d\d)(..)_/
const ipv6Groups = 8
/** Characters of a hash: enough that two of a million sources hardly ever share one. */
const sourceDigits = 16

/**
 * The client of a request, as far as this request shows it. Only the edge can write the headers of WAF and CloudFront. The client
 * writes the other headers itself: they count only where they differ from a browser's.
 */
export function clientOf({ tier, accountCreatedAtMs }: Caller, headers: Headers, nowMs: number): Client {
  const signals: RequestSignal[] = []
  const fingerprint = headers[clientHeaders.fingerprint]
  const suspected = headers[clientHeaders.suspected]
  if (accountCreatedAtMs !== undefined && nowMs - accountCreatedAtMs < newAccountMs) signals.push("new-account")
  if (headers[clientHeaders.visit] === "none") signals.push("no-visit")
  if (hasOddHeaders(headers)) signals.push("odd-headers")
  if (fingerprint !== undefined && isOddHello(fingerprint)) signals.push("odd-hello")
  if (suspected === "fingerprint") signals.push("edge-fingerprint")
  if (suspected === "bot") signals.push("edge-bot")
  const source = sourceOf(fingerprint, headers[clientHeaders.address])
  return { tier, signals, ...(source !== undefined && { source }) }
}

/** Every browser sends its name and its languages; browsers of the last years also send where a call comes from. */
function hasOddHeaders(headers: Headers): boolean {
  const { "user-agent": agent = "" } = headers
  if (!agent.startsWith("Mozilla/5.0 (") || headers["accept-language"] === undefined) return true
  return headers["sec-fetch-site"] === undefined || (agent.includes("Chrome/") && headers["sec-ch-ua"] === undefined)
}

/** A browser uses TLS 1.3 with a server name, and HTTP/2 or later. */
function isOddHello(ja4: string): boolean {
  const [, version, serverName, extensions, protocol] = helloPattern.exec(ja4) ?? []
  const isBrowser =
    Number(version) >= 13 && serverName === "d" && Number(extensions) >= leastBrowserExtensions && /^h[23]$/.test(protocol ?? "")
  return !isBrowser
}

/**
 * All users of the same browser share a fingerprint, and all users of an office share an address. The pair of both identifies a
 * client best.
 */
function sourceOf(fingerprint: string | undefined, address: string | undefined): string | undefined {
  if (fingerprint === undefined || address === undefined) return undefined
  return hash("sha256", `${networkOf(address)} ${fingerprint}`, "hex").slice(0, sourceDigits)
}

/**
 * The address in `address:port`. Of an IPv6 address it is the half of the network: a client can change the other half at any
 * time.
 */
function networkOf(addressAndPort: string): string {
  const address = addressAndPort.slice(0, addressAndPort.lastIndexOf(":")).replace(/[[\]]/g, "")
  if (!address.includes(":")) return address
  const [before = [], after = []] = address.split("::").map((part) => part.split(":").filter(Boolean))
  const zeros = Array<string>(Math.max(0, ipv6Groups - before.length - after.length)).fill("0")
  const groups = [...before, ...zeros, ...after].slice(0, ipv6Groups / 2)
  return groups.map((group) => Number.parseInt(group, 16)).join(":")
}
