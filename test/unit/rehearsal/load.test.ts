import fc from "fast-check"
import { expect, test } from "vitest"
import { leastAnsweredShare, loadOf, loadSentence, maxGeneratorLateMs } from "../../../loadtest/rehearsal/load.ts"
import { limitsMs, serviceLevelsOf } from "../../../loadtest/rehearsal/service-levels.ts"
import { createTally } from "../../../loadtest/rehearsal/tally.ts"

const effort = (machineBusyShare: number) => ({
  ...{ generatorCpuSeconds: 1, generatorCpuShare: 0.2, generatorPeakMiB: 100, machineBusyShare },
})
const share = fc.double({ min: 0, max: 1, noNaN: true })

test("a late generator is an overload, whatever else was measured", () => {
  fc.assert(
    fc.property(
      share,
      fc.nat(100),
      fc.double({ min: maxGeneratorLateMs + 0.1, max: 10_000, noNaN: true }),
      (busy, answered, lateMs) => {
        expect(loadOf(effort(busy), { due: 100, answered }, lateMs).isOverloaded).toBe(true)
      },
    ),
  )
})

test("requests that pile up are an overload only if the machine was busy: otherwise the system is slow", () => {
  fc.assert(
    fc.property(share, fc.nat(1_000), (busy, answered) => {
      const { isOverloaded } = loadOf(effort(busy), { due: 1_000, answered }, maxGeneratorLateMs)
      expect(isOverloaded).toBe(answered / 1_000 < leastAnsweredShare && busy >= 0.9)
    }),
  )
})

test("the sentence says so, and only then", () => {
  const text = (lateMs: number) => loadSentence(loadOf(effort(0.5), { due: 0, answered: 0 }, lateMs))
  expect(text(300)).toMatch(
    /^THE MACHINE WAS OVERLOADED: the load generator was 300 ms late \(p95\).*show the overload, not the system/,
  )
  expect(text(3)).toMatch(/^The machine kept up: the load generator was 3 ms late/)
  expect(text(3)).not.toMatch(/OVERLOADED|undefined|NaN/)
})

test("each level is met up to its limit, missed above it, and not measured without a request", () => {
  const given = (decisionMs: number) => {
    const tally = createTally()
    tally.decided(decisionMs)
    return serviceLevelsOf(tally.summary()).find(({ id }) => id === "NFR-2")?.verdict
  }
  const latency = fc.integer({ min: 1, max: 60_000 }).filter((ms) => ms !== limitsMs.decision)
  fc.assert(
    fc.property(latency, (ms) => {
      expect(given(ms)).toBe(ms < limitsMs.decision ? "met" : "missed")
    }),
  )
  expect(serviceLevelsOf(createTally().summary()).map(({ id, verdict }) => [id, verdict])).toEqual(
    ["NFR-1", "NFR-1", "NFR-2", "NFR-3"].map((id) => [id, "not measured"]),
  )
})

test("the slower kind of read decides about the reads that reach the API", () => {
  const tally = createTally()
  const reply = { kind: "answer", status: 200, body: {} } as const
  tally.answered("availability", reply, 5)
  tally.answered("status", reply, limitsMs.read * 2)
  expect(serviceLevelsOf(tally.summary())[1]).toMatchObject({ id: "NFR-1", count: 2, verdict: "missed" })
})
