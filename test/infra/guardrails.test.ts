import { describe, expect, test } from "vitest"
import { findingText } from "../../lib/guardrails/finding.ts"
import { assertGuardrails, guardrails } from "../../lib/guardrails/guardrails.ts"
import { salesAreToCome } from "../../lib/guardrails/sale.ts"
import { stages } from "../../lib/stages.ts"
import { prodWith, setting } from "./edited-stage.ts"
import { cases } from "./guardrail-cases.ts"

test.each(Object.values(stages))("stage $name passes every guardrail", (stage) => {
  expect(() => assertGuardrails(stage)).not.toThrow()
})

const rows = Object.entries(cases).flatMap(([name, of]) =>
  of.map((example) => ({ name: name as keyof typeof guardrails, example, says: example.says.join(", ") })),
)

describe("each guardrail has a limit: a config at the limit passes, one beyond it fails", () => {
  test.each(rows)("$name: $says", ({ name, example: { passes, fails, says } }) => {
    expect(guardrails[name](prodWith(passes))).toEqual([])
    const broken = prodWith(fails)
    const findings = guardrails[name](broken)
    expect(findings).toHaveLength(1)
    const text = findings.map((finding) => findingText(broken.name, finding)).join("\n")
    for (const part of says) expect(text).toContain(part)
    expect(text).toMatch(/^Stage "prod": .+\n {2}Allowed: .+/)
    for (const { fix } of findings) expect(fix).not.toBe("")
    expect(() => assertGuardrails(broken)).toThrow(text)
  })
})

test("a finding names a sale that is over, because EventBridge accepts no schedule in the past, and no sale that is open", () => {
  const [sale] = stages.prod.sales
  const closesAtMs = Date.parse(sale?.closesAt ?? "")
  expect(salesAreToCome(closesAtMs)(stages.prod)).toEqual([])
  const [finding] = salesAreToCome(closesAtMs + 1)(stages.prod)
  expect(finding?.found).toContain("SKU-001")
  expect(finding?.fix).toContain("Remove it")
})

test("a stage with several faults gets all findings at once", () => {
  const broken = prodWith((stage) => {
    stage.capacity.recordBytes = 220
    stage.database.multiAz = false
    stage.cache.replicas = 0
  })
  expect(() => assertGuardrails(broken)).toThrow(/5\.5 MB\/s[\s\S]*not Multi-AZ[\s\S]*no replica/)
})

test("the message about a long record has the agreed text", () => {
  const broken = prodWith(setting("capacity.recordBytes", 220))
  expect(() => assertGuardrails(broken)).toThrow(
    new Error(
      'Stage "prod": 25,000 requests/s of 220 bytes need 5.5 MB/s on one partition; one poller carries 5.0 MB/s.\n' +
        "  Allowed: records of at most 200 bytes at this rate. Shorten the record, lower `peakReservationsPerSecond`, or sell the stock as several lots.",
    ),
  )
})
