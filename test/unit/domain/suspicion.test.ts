import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type Arrivals,
  addArrival,
  arrivalLimits,
  behaviourOf,
  isBusy,
  isBusySource,
  isRegular,
  rememberArrivals,
  type SourceArrivals,
} from "../../../core/domain/arrivals.ts"
import {
  type BehaviourSignal,
  behaviourSignals,
  judge,
  type RequestSignal,
  type Signal,
  signalWeights,
  suspicionThresholds,
  weightOf,
} from "../../../core/domain/suspicion.ts"
import { bucketWindowMs, type Tier } from "../../../core/domain/token-bucket.ts"
import { seededRandom } from "../../../loadtest/rehearsal/random.ts"

const allSignals = Object.keys(signalWeights) as Signal[]
const isBehaviour = (signal: Signal): signal is BehaviourSignal => behaviourSignals.some((one) => one === signal)
const requestSignals = allSignals.filter((signal): signal is RequestSignal => !isBehaviour(signal))

/** All signals but the one that remembers an earlier verdict. */
const weakSignals = allSignals.filter((signal) => signal !== "lately")

const trustedTier = fc.constantFrom<Tier>(2, 3, 4)
const someSignals = fc.subarray(allSignals)

/** The tier that is applied to a client of this tier. */
const treatedAs = (tier: Tier, signals: readonly Signal[]): Tier =>
  judge({ tier, signals: signals.filter((signal): signal is RequestSignal => !isBehaviour(signal)) }, signals.filter(isBehaviour))
    .tier

describe("a client is flagged", () => {
  test("not for one signal alone, nor for one and a shared address", () => {
    for (const tier of [2, 3, 4] as const) {
      for (const signal of weakSignals) {
        expect(treatedAs(tier, [signal]), signal).toBe(tier)
        expect(treatedAs(tier, [signal, "crowd"]), `${signal}, crowd`).toBe(tier)
      }
    }
  })

  test("one more signal never raises the applied tier", () => {
    fc.assert(
      fc.property(trustedTier, someSignals, fc.constantFrom(...allSignals), (tier, signals, more) => {
        expect(treatedAs(tier, [...signals, more])).toBeLessThanOrEqual(treatedAs(tier, signals))
        expect(weightOf([...signals, more])).toBeGreaterThanOrEqual(weightOf(signals))
      }),
    )
  })

  test("a more trusted tier never lowers the applied tier", () => {
    fc.assert(
      fc.property(someSignals, (signals) => {
        const suspected = ([2, 3, 4] as const).map((tier) => treatedAs(tier, signals) === 1)
        expect(suspected).toEqual(suspected.toSorted().reverse())
      }),
    )
  })

  test("a signal that occurs twice counts once", () => {
    fc.assert(
      fc.property(someSignals, (signals) => {
        expect(weightOf([...signals, ...signals])).toBe(weightOf(signals))
      }),
    )
  })

  test("a client of tier 1 stays flagged without any signal", () => {
    expect(treatedAs(1, [])).toBe(1)
    expect(suspicionThresholds[1]).toBe(0)
  })

  test("a flagged client stays flagged for a while, in any tier, without further signals", () => {
    for (const tier of [2, 3, 4] as const) expect(treatedAs(tier, ["lately"])).toBe(1)
  })

  test("all signals together flag a client of any tier", () => {
    for (const tier of [2, 3, 4] as const) expect(treatedAs(tier, weakSignals)).toBe(1)
  })

  test("the verdict names every signal that counted", () => {
    expect(judge({ tier: 2, signals: ["no-visit"] }, ["regular"])).toEqual({ tier: 1, signals: ["no-visit", "regular"] })
    expect(requestSignals.length + behaviourSignals.length).toBe(allSignals.length)
  })
})

/** A client with these gaps between its requests, the oldest first. */
const cameWith = (gapsMs: readonly number[]): Arrivals => {
  let nowMs = 1_000_000
  let arrivals = addArrival(undefined, nowMs)
  for (const gapMs of gapsMs) {
    nowMs += gapMs
    arrivals = addArrival(arrivals, nowMs)
  }
  return arrivals
}
const { maxGaps, leastGaps, busyGaps, busyMs, crowdUsers, leastMeanGapMs, maxUsers, busyRequests, busyRequestsPerUser } =
  arrivalLimits
const nobody = cameWith([])

describe("the timing of requests", () => {
  test("a timer is regular at any rate after enough requests, also if each wait differs by a fifth", () => {
    const strays = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: leastGaps, maxLength: maxGaps })
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 6_000 }), strays, (paceMs, jitter) => {
        expect(isRegular(cameWith(jitter.map((share) => Math.round(paceMs * (1 + share)))))).toBe(true)
      }),
    )
    expect(isRegular(cameWith(Array(leastGaps - 1).fill(500)))).toBe(false)
  })

  test("a crowd with independent requests is regular less than once in a thousand times", () => {
    const random = seededRandom(1)
    const rounds = 20_000
    const crowd = () => cameWith(Array.from({ length: maxGaps }, () => Math.round(-Math.log(1 - random()) * 300)))
    const even = Array.from({ length: rounds }, crowd).filter(isRegular).length
    expect(even / rounds).toBeLessThan(0.001)
  })

  test("regularity does not depend on the rate", () => {
    const gaps = fc.array(fc.integer({ min: leastMeanGapMs, max: 3_000 }), { minLength: leastGaps, maxLength: maxGaps })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 2, max: 10 }), (gapsMs, factor) => {
        expect(isRegular(cameWith(gapsMs.map((gap) => gap * factor)))).toBe(isRegular(cameWith(gapsMs)))
      }),
    )
  })

  test("requests that the network delivers together do not count as a timer", () => {
    expect(isRegular(cameWith(Array(maxGaps).fill(0)))).toBe(false)
    expect(isRegular(cameWith(Array(maxGaps).fill(leastMeanGapMs - 1)))).toBe(false)
  })

  test("a user with too many requests in a minute is busy", () => {
    expect(isBusy(cameWith(Array(busyGaps).fill(busyMs / busyGaps)))).toBe(true)
    expect(isBusy(cameWith(Array(busyGaps).fill(busyMs / busyGaps + 1)))).toBe(false)
    expect(isBusy(cameWith(Array(busyGaps - 1).fill(1)))).toBe(false)
  })

  const source = (more: Partial<SourceArrivals> = {}): SourceArrivals => ({
    ...{ arrivals: nobody, requests: 1, users: 1, wasBusy: false },
    ...more,
  })

  test("a crowd of any size behind one address is a crowd and not busy, and one user alone is no crowd", () => {
    const arrivals = cameWith([0, 40, 3, 200, 8, 90, 1, 500])
    fc.assert(
      fc.property(
        fc.integer({ min: crowdUsers, max: maxUsers }),
        fc.integer({ min: 1, max: busyRequestsPerUser - 1 }),
        (users, each) => {
          expect(behaviourOf(nobody, source({ arrivals, users, requests: users * each }))).toEqual(["crowd"])
        },
      ),
    )
    expect(behaviourOf(arrivals, source())).toEqual(["busy"])
  })

  test("a source is busy when few users ask often, for that minute and the next", () => {
    const few = Math.floor(busyRequests / busyRequestsPerUser)
    expect(isBusySource(source({ users: few, requests: busyRequests }))).toBe(true)
    expect(isBusySource(source({ users: few, requests: busyRequests - 1 }))).toBe(false)
    expect(isBusySource(source({ users: 30, requests: 30 * busyRequestsPerUser }))).toBe(true)
    expect(isBusySource(source({ users: maxUsers, requests: 10_000 }))).toBe(false)
    expect(isBusySource(source({ wasBusy: true }))).toBe(true)
  })

  test("users that take turns behind one source share its timing", () => {
    const arrivals = cameWith(Array(maxGaps).fill(700))
    expect(behaviourOf(nobody, source({ arrivals, requests: maxGaps + 1, users: maxGaps + 1 }))).toEqual(["regular"])
  })

  test("after a minute without requests the count starts again, and a clock that goes back adds no gap", () => {
    expect(cameWith([...Array(maxGaps).fill(500), bucketWindowMs]).gapsMs).toEqual([])
    expect(addArrival(nobody, nobody.lastMs - 5).gapsMs).toEqual([0])
  })

  test("a process keeps a bounded number of clients, and drops the least recently seen first", () => {
    const remembered = rememberArrivals(2)
    for (const who of ["alice", "bob", "carol"]) remembered.note(who, 0)
    expect(remembered.size).toBe(2)
    expect(remembered.note("bob", 10).gapsMs).toEqual([10])
    expect(remembered.note("alice", 10).gapsMs).toEqual([])
  })
})
