import { expect, test } from "vitest"
import { bestDifference, clockDifference, judgeClock } from "../../../core/domain/preflight/clocks.ts"
import { isNotOk, isOk, isReady, type PreflightLine } from "../../../core/domain/preflight/line.ts"
import { judgeReplication, type PartitionState } from "../../../core/domain/preflight/topics.ts"
import { runChecks } from "../../../core/workflows/preflight/run-checks.ts"
import { expectedSales } from "../../../ops/preflight/expected-sales.ts"

const reading = (theirsMs: number, roundTripMs: number) => ({ theirsMs, sentMs: 1_000, receivedMs: 1_000 + roundTripMs })

test.each([
  [1_005, 10, "ok"],
  [1_099, 10, "ok"],
  [1_095, 20, "ok"],
  [1_108, 20, "cannot tell"],
  [1_116, 10, "not ok"],
  [870, 10, "not ok"],
  // The answer came after half a second: the other clock may be anywhere within it.
  [1_250, 500, "cannot tell"],
])("a clock that shows %d ms in a round trip of %d ms from 1000 is %s", (theirsMs, roundTripMs, state) => {
  expect(judgeClock(clockDifference(reading(theirsMs, roundTripMs)), "it", "ops lag").state).toBe(state)
})

test("the shortest round trip counts, and without a reading nothing is known", () => {
  expect(bestDifference([reading(2_000, 400), reading(1_002, 4)])).toEqual({ differenceMs: 0, uncertaintyMs: 2 })
  expect(judgeClock(bestDifference([]), "it", "ops lag").state).toBe("cannot tell")
})

const partition = (more: Partial<PartitionState> = {}): PartitionState => ({
  partition: 0,
  leader: 1,
  replicas: 3,
  inSync: 3,
  ...more,
})
const rule = { factor: 3, minInSyncReplicas: 2, uncleanLeaderElection: false }

test.each<[string, PartitionState, number, string]>([
  ["complete", partition(), 3, "ok"],
  ["one broker of a small system", partition({ replicas: 1, inSync: 1 }), 1, "ok"],
  ["a replica behind", partition({ inSync: 2 }), 3, "not ok"],
  ["a broker that is gone", partition({ inSync: 2 }), 2, "not ok"],
  ["too few replicas", partition({ replicas: 2, inSync: 2 }), 3, "not ok"],
  ["no leader", partition({ leader: -1 }), 3, "not ok"],
])("replication: %s", (_, state, brokers, expected) => {
  const found = [{ name: "requests", partitions: [state], settings: new Map<string, string>() }]
  expect(judgeReplication(found, brokers, rule, "npm start").state).toBe(expected)
})

test("a check that hangs or throws makes its own lines unknown, and the others are found", async () => {
  const check = (items: string[], run: () => Promise<ReturnType<typeof isOk>[]>) => ({
    ...{ part: "Redis" as const, items, lookWith: "ops redis", withinMs: 50, run },
  })
  const lines = await runChecks([
    check(["hangs", "hangs too"], () => new Promise(() => {})),
    check(["throws"], () => {
      throw new Error("no route\nat line 1")
    }),
    check(["says nothing"], async () => []),
    check(["fine"], async () => [isOk("yes")]),
  ])
  expect(lines.map(({ item, state, detail }) => [item, state, detail])).toEqual([
    ["hangs", "cannot tell", "no answer within 0.05 s"],
    ["hangs too", "cannot tell", "no answer within 0.05 s"],
    ["throws", "cannot tell", "no route"],
    ["says nothing", "cannot tell", "the check says nothing of it"],
    ["fine", "ok", "yes"],
  ])
})

test("a system is ready when nothing is wrong and everything is known; what it does not have is no fault", () => {
  const line = (state: PreflightLine["state"]): PreflightLine => ({ part: "sale", item: "x", ...isOk(""), state })
  expect(isReady([line("ok"), line("does not apply")], false)).toBe(true)
  expect(isReady([line("ok"), line("cannot tell")], false)).toBe(false)
  expect(isReady([line("ok"), line("cannot tell")], true)).toBe(true)
  expect(isReady([{ ...line("ok"), ...isNotOk("", "ops lag") }], true)).toBe(false)
})

test("the calendar says what is expected; the operator's opening time replaces its own", () => {
  const sale = {
    skuId: "a",
    opensAt: "2027-03-19T18:00:00Z",
    closesAt: "2027-03-19T18:30:00Z",
    units: 5,
    priceMinor: 4_900,
    holdSeconds: 120,
  }
  const past = { ...sale, skuId: "past", opensAt: "2026-01-01T00:00:00Z", closesAt: "2026-01-01T01:00:00Z" }
  const nowMs = Date.parse("2027-03-01T00:00:00Z")
  expect(expectedSales([past, sale], [], undefined, nowMs)).toEqual([
    {
      ...{ sku_id: "a", opens_at: "2027-03-19T18:00:00.000Z", closes_at: "2027-03-19T18:30:00.000Z", units: 5 },
      ...{ price_minor: 4_900, hold_seconds: 120 },
    },
  ])
  expect(expectedSales([sale], ["b"], "2027-03-19T19:00:00+01:00", nowMs)).toEqual([
    { sku_id: "b", opens_at: "2027-03-19T18:00:00.000Z" },
  ])
})
