import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { flushMetrics, logger } from "../../core/adapters/telemetry.ts"
import type { Admission, AdmissionRequest } from "../../core/domain/admission.ts"
import type { Client } from "../../core/domain/suspicion.ts"
import { recordAdmission } from "../../core/workflows/admission/admission-telemetry.ts"
import { parseEmbeddedMetrics } from "../../local/metrics/embedded-metrics.ts"

const userId = "0198f5a4-7c1e-7d2b-9a3f-000000000001"
const request = (client?: Client): AdmissionRequest => ({
  id: "0198f5a4-7c1e-7d2b-9a3f-000000000002",
  userId,
  owner: 0x0198f5a4,
  skuNo: 1,
  partition: 0,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 1,
  mode: "batch",
  moment: 0,
  status: "open",
  ...(client && { client }),
})
const suspect: Client = { tier: 3, signals: ["no-visit", "odd-hello"], source: "0123456789abcdef" }
const limited: Admission = { kind: "refused", reason: "rate-limited", behaviour: ["regular"], retryAfterSeconds: 60 }
const admitted: Admission = { kind: "admitted", progress: {}, behaviour: [] }

let lines: string[]
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now() + 60_000 })
  flushMetrics()
  lines = []
  // Metrics go to the output of the process, through a separate console.
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The measured values of a metric, by its labels. */
function measured(name: string): Record<string, number> {
  flushMetrics()
  const measurements = lines.flatMap((line) => parseEmbeddedMetrics(line) ?? []).filter((one) => one.name === name)
  return Object.fromEntries(
    measurements.map(({ labels: { function: _, ...labels }, values }) => [
      Object.values(labels).join(" "),
      values.reduce((sum, value) => sum + value, 0),
    ]),
  )
}

test("refusals are counted in total, and by reason and applied tier", () => {
  recordAdmission(request(suspect), limited)
  recordAdmission(request({ tier: 2, signals: [] }), { ...limited, behaviour: [] })
  recordAdmission(request({ tier: 2, signals: [] }), { ...limited, behaviour: [] })
  recordAdmission(request(), { kind: "refused", reason: "sold-out", behaviour: [] })
  expect(measured("admission.refused")).toEqual({ "": 4, "rate-limited 1": 1, "rate-limited 2": 2, "sold-out none": 1 })
})

test("flagged clients are counted in total, and by signal and claimed tier, whether they were refused or not", () => {
  recordAdmission(request(suspect), limited)
  recordAdmission(request(suspect), { ...admitted, behaviour: ["busy"] })
  recordAdmission(request({ tier: 2, signals: ["no-visit"] }), admitted)
  expect(measured("admission.suspected")).toEqual({ "": 2, "no-visit 3": 2, "odd-hello 3": 2, "regular 3": 1, "busy 3": 1 })
})

test("the log names the signals and 32 bits of the user, and nothing that the client sent or where it came from", () => {
  const said = vi.spyOn(logger, "info").mockImplementation(() => {})
  recordAdmission(request(suspect), limited)
  expect(said.mock.calls).toEqual([
    [
      "Flagged a client; it has one token a minute",
      { user: "0198f5a4", tier: 3, signals: ["no-visit", "odd-hello", "regular"], outcome: "refused" },
    ],
  ])
})

test("many flagged clients write a limited number of log lines: the others are counted", () => {
  const said = vi.spyOn(logger, "info").mockImplementation(() => {})
  for (let times = 0; times < 1_000; times += 1) recordAdmission(request(suspect), limited)
  const flood = said.mock.calls.length
  expect(flood).toBeLessThanOrEqual(20)
  vi.advanceTimersByTime(10_000)
  recordAdmission(request(suspect), limited)
  // Every ten seconds the process logs its statistics, too.
  const ofClients = said.mock.calls.slice(flood).filter(([message]) => /flagged client|Flagged a client/.test(String(message)))
  expect(ofClients).toEqual([
    ["More flagged clients than log lines; the rest is left out", { left_out: 1_000 - flood }],
    ["Flagged a client; it has one token a minute", expect.objectContaining({ user: "0198f5a4" })],
  ])
})
