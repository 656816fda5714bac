import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { clientOf } from "../../../core/adapters/http/request-signals.ts"
import type { Caller } from "../../../core/adapters/http/token.ts"
import { headersOf, hellos } from "../../../loadtest/fairness/clients.ts"

const nowMs = 1_800_000_000_000
const dayMs = 24 * 3_600_000
const caller = (more: Partial<Caller> = {}): Caller => ({
  userId: "0198f5a4-7c1e-7d2b-9a3f-000000000001",
  owner: 1,
  issuer: "https://issuer",
  tier: 2,
  scopes: new Set(),
  ...more,
})
const fingerprint = "cloudfront-viewer-ja4-fingerprint"
const address = "cloudfront-viewer-address"
const signalsOf = (headers: Record<string, string>, who = caller()) => clientOf(who, headers, nowMs).signals

describe("the signals of a request about its client", () => {
  test.each(["chrome", "firefox", "safari", "phone"] as const)("an unchanged %s has no signal", (name) => {
    expect(signalsOf({ ...headersOf(name), [fingerprint]: hellos[name] })).toEqual([])
  })

  test.each(["python", "go", "curl"] as const)("%s is recognised by its headers and by its hello", (name) => {
    expect(signalsOf({ ...headersOf(name), [fingerprint]: hellos[name] })).toEqual(["odd-headers", "odd-hello"])
  })

  test("a script that copies a browser's headers keeps its own hello", () => {
    expect(signalsOf({ ...headersOf("chrome"), [fingerprint]: hellos.go })).toEqual(["odd-hello"])
  })

  test.each(["accept-language", "sec-fetch-site", "sec-ch-ua", "user-agent"])("a Chrome without %s is odd", (name) => {
    const { [name]: _, ...rest } = headersOf("chrome")
    expect(signalsOf(rest)).toEqual(["odd-headers"])
  })

  test("without headers of the edge, no client has a signal", () => {
    expect(clientOf(caller(), headersOf("chrome"), nowMs)).toEqual({ tier: 2, signals: [] })
  })

  test.each([
    ["fingerprint", "edge-fingerprint"],
    ["bot", "edge-bot"],
  ])("the label %s of the firewall is the signal %s", (label, signal) => {
    expect(signalsOf({ ...headersOf("chrome"), "x-amzn-waf-suspected": label })).toEqual([signal])
  })

  test("the edge says which client did not load the page", () => {
    expect(signalsOf({ ...headersOf("chrome"), "x-amzn-waf-visit": "none" })).toEqual(["no-visit"])
  })

  test("an account is new for a day; one of unknown age is not new", () => {
    const made = (agoMs: number) => signalsOf(headersOf("chrome"), caller({ accountCreatedAtMs: nowMs - agoMs }))
    expect([made(dayMs - 1), made(dayMs), signalsOf(headersOf("chrome"))]).toEqual([["new-account"], [], []])
  })

  test.each([1, 2, 3, 4] as const)("the tier is the token's: %i", (tier) => {
    expect(clientOf(caller({ tier }), {}, nowMs).tier).toBe(tier)
  })
})

describe("the source of a request", () => {
  const sourceOf = (from: string | undefined, hello: string | undefined = hellos.chrome) =>
    clientOf(caller(), { ...(from && { [address]: from }), ...(hello && { [fingerprint]: hello }) }, nowMs).source

  test("it is a hash of the TLS client and the address, without the port, and shows neither", () => {
    expect(sourceOf("192.0.2.1:1")).toBe(sourceOf("192.0.2.1:65535"))
    expect(sourceOf("192.0.2.1:1")).not.toBe(sourceOf("192.0.2.2:1"))
    expect(sourceOf("192.0.2.1:1")).not.toBe(sourceOf("192.0.2.1:1", hellos.firefox))
    expect(sourceOf("192.0.2.1:1")).toMatch(/^[0-9a-f]{16}$/)
  })

  test("of IPv6 the network counts, in any notation of the address", () => {
    const one = sourceOf("2001:db8:0:1:aaaa:bbbb:cccc:dddd:443")
    for (const same of ["2001:0db8:0000:0001::1:443", "[2001:db8:0:1::2]:443", "2001:DB8:0:1:0:0:0:3:443"])
      expect(sourceOf(same)).toBe(one)
    expect(sourceOf("2001:db8:0:2::1:443")).not.toBe(one)
  })

  test("it is unknown when the edge names only one of the two", () => {
    expect(sourceOf(undefined)).toBeUndefined()
    expect(clientOf(caller(), { [address]: "192.0.2.1:1" }, nowMs).source).toBeUndefined()
  })

  test("a request is answered with any text in these headers", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (from, hello) => {
        expect(() => clientOf(caller(), { [address]: from, [fingerprint]: hello }, nowMs)).not.toThrow()
      }),
    )
  })
})
