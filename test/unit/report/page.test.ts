import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { reportPage } from "../../../ops/report/page.ts"
import { Report } from "../../../ops/report/schema.ts"
import { reportText } from "../../../ops/report/text.ts"
import { givenReport, givenSale, type Values } from "./given-report.ts"

const everyInterval = (value: number) =>
  Object.fromEntries(Array.from({ length: 288 }, (_, index) => [index, value + (index % 7)]))
const values: Values = {
  "reserve request.rate": everyInterval(1_000),
  "reserve error.rate": everyInterval(3),
  "reserve reservation.decision.latency p95": everyInterval(100),
  "reserve reservation.decision.latency p99": everyInterval(180),
  "availability request.rate": everyInterval(9_000),
  "availability availability.cache.hit": everyInterval(8_900),
  "availability availability.cache.miss": everyInterval(20),
  "checkout request.rate": everyInterval(50),
  "checkout checkout.latency p95": everyInterval(300),
  "expiry-sweeper queue.depth": everyInterval(700),
  "batch-writer queue.wait p95": everyInterval(90),
}
const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&`

describe("the HTML page", () => {
  test("loads nothing: its policy forbids everything but its own style, and no address is in it", async () => {
    const page = reportPage(await givenReport(givenSale(), values))
    const policy = `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`
    expect(page.includes(policy)).toBe(true)
    expect(page.match(/<(script|link|img|iframe|object|embed|video|audio|source|base|form|image|foreignObject)\b/gi)).toBeNull()
    expect(page.match(/\s(src|srcset|action|poster|data|on\w+)=/gi)).toBeNull()
    expect(page.match(/@import|url\((?!#)/gi)).toBeNull()
    const addresses = page.match(/https?:\/\/[^\s"'<]+/g) ?? []
    expect(new Set(addresses)).toEqual(new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]))
    expect(page.match(/\shref="(?!#)/g)).toBeNull()
  })

  test("shows the texts of operators as text, in the tables, the titles and the plots", async () => {
    const sale = givenSale({ sku_id: attack, name: attack, currency: "EUR" })
    const violations = { "verify-sale": { ok: false, entries: 1, decisions: 1, fullestBySku: {}, violations: [attack] } }
    const page = reportPage(await givenReport(sale, values, violations))
    expect(page.match(/<(script|img)/gi)).toBeNull()
    expect(page.includes(attack)).toBe(false)
    expect(page.includes("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;")).toBe(true)
  })

  test("has a table behind each plot, labelled axes, and lines that differ by more than colour", async () => {
    const page = reportPage(await givenReport(givenSale(), values))
    const plots = page.match(/<svg/g)?.length ?? 0
    expect(plots).toBeGreaterThanOrEqual(8)
    expect(page.match(/<details>/g)).toHaveLength(plots)
    expect(page.match(/time, UTC/g)).toHaveLength(plots)
    expect(page.includes("stroke-dasharray")).toBe(true)
    expect(reportPage(await givenReport()).includes("Latency")).toBe(false)
    expect(
      reportPage(await givenReport()).includes(
        "Cache</h2><figure><figcaption>Reads of the stock that Redis answered: not measured",
      ),
    ).toBe(true)
  })

  test("of a day stays below 500 kB", async () => {
    const report = await givenReport(givenSale({ opened_at: "2026-11-26T10:00:00.000Z" }), values)
    expect(report.window.intervals.length).toBeGreaterThan(250)
    const bytes = Buffer.byteLength(reportPage(report))
    expect(bytes).toBeLessThan(500_000)
  })
})

test("the JSON is what its schema says, and refuses another version", async () => {
  const report = await givenReport(givenSale(), values)
  expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  expect(Report.safeParse({ ...report, schema_version: 2 }).success).toBe(false)
})

test("the schema in the documents is the one of the code", () => {
  const documented = readFileSync(new URL("../../../docs/schemas/ops-report-v1.json", import.meta.url), "utf8")
  expect(JSON.parse(documented)).toEqual(z.toJSONSchema(Report))
})

test("the text has the sale, the answers and the proof", async () => {
  const text = reportText(await givenReport(givenSale(), values))
  for (const expected of ["SALES", "phone", "ANSWERS", "PROOF", "Nothing is oversold", `entry 12, hash ${"ab".repeat(32)}`]) {
    expect(text).toContain(expected)
  }
})
