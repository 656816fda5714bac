import { describe, expect, test } from "vitest"
import { auditVerdict } from "../supply-chain/audit.ts"
import { unlicensed } from "../supply-chain/licences.ts"

describe("a licence", () => {
  const judged = (license: string | undefined, more: object = {}) =>
    unlicensed({ "": {}, "node_modules/a/node_modules/b": { version: "1.0.0", ...(license && { license }), ...more } })

  test.each(["MIT", "Apache-2.0", "(MIT AND Zlib)", "(GPL-3.0-only OR MIT)"])("%s is allowed", (license) => {
    expect(judged(license)).toEqual([])
  })
  test.each(["GPL-3.0-only", "AGPL-3.0", "(MIT AND GPL-2.0)", "SEE LICENSE IN LICENSE.md", "UNLICENSED", "BUSL-1.1"])(
    "%s is not, and its package is named",
    (license) => {
      expect(judged(license)).toEqual([`b 1.0.0: ${license}`])
    },
  )
  test("is required, but only for packages that are deployed", () => {
    expect(judged(undefined)).toEqual(["b 1.0.0: no licence"])
    expect(judged("GPL-3.0-only", { dev: true })).toEqual([])
  })
})

describe("an audit", () => {
  const report = (...severities: string[]) =>
    JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: Object.fromEntries(severities.map((severity, n) => [`p${n}`, { name: `p${n}`, severity, range: "<2" }])),
    })

  test("without a high finding is clean", () => {
    expect(auditVerdict(report())).toEqual({ kind: "clean", minor: 0 })
    expect(auditVerdict(report("low", "moderate"))).toEqual({ kind: "clean", minor: 2 })
  })
  test.each(["high", "critical"])("with a %s finding names it", (severity) => {
    expect(auditVerdict(report("low", severity))).toEqual({ kind: "vulnerable", findings: [`p1 <2: ${severity}`] })
  })
  test("without an answer is not clean", () => {
    for (const printed of [
      "",
      "not JSON",
      "{}",
      '{"message":"405 Method Not Allowed","statusCode":405}',
      '{"error":{"summary":"offline"}}',
    ]) {
      expect(auditVerdict(printed)).toMatchObject({ kind: "not-asked", why: expect.stringMatching(/./) })
    }
  })
})
