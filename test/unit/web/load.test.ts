import { describe, expect, test } from "vitest"
import { retrySecondsFor } from "../../../core/domain/queue-estimate.ts"
import { dev } from "../../../lib/stages/dev.ts"
import { prod } from "../../../lib/stages/prod.ts"
import { loadOf, type OpenPages } from "../../../web/src/machine/load.ts"
import { nearHeadEntries, paces, retryDelayMs, spread, statusPaceMs } from "../../../web/src/machine/pace.ts"

const pages = 10_000

const mix = (changes: Partial<OpenPages>): OpenPages => ({
  list: 0,
  before: 0,
  browsing: 0,
  queued: { pages: 0, retryAfterSeconds: 1 },
  waitlisted: { pages: 0, retryAfterSeconds: 5 },
  held: 0,
  hiddenRatio: 0,
  ...changes,
})

/** All ten thousand pages in one state, and nobody looks elsewhere: the most that they can ask for. */
const crowds: Readonly<Record<string, OpenPages>> = {
  "on the list": mix({ list: pages }),
  "before the opening": mix({ before: pages }),
  "on an open sale": mix({ browsing: pages }),
  "holding units": mix({ held: pages }),
  "on the waitlist": mix({ waitlisted: { pages, retryAfterSeconds: 5 } }),
}

describe("ten thousand open pages", () => {
  test.each(Object.entries(crowds))("%s stay within what the origin is sized for", (_, crowd) => {
    expect(loadOf(crowd).atOrigin).toBeLessThan(prod.capacity.pollsPerSecond)
  })

  test.each(Object.entries(crowds))("%s stay within what the edge lets through", (_, crowd) => {
    const { atEdge, atOrigin } = loadOf(crowd)
    expect(atEdge + atOrigin).toBeLessThan(prod.capacity.peakReadsPerSecond / 10)
  })

  test("that are queued behind a rush read as often as the API asks for: its estimate spreads them over the wait", () => {
    const writerPerSecond = 400
    const waits = Array.from({ length: pages / writerPerSecond }, (_, second) => (second + 1) * 1_000)
    const reads = waits.map((waitMs) => {
      const queued = { pages: writerPerSecond, retryAfterSeconds: retrySecondsFor(waitMs) }
      return loadOf(mix({ queued })).atOrigin
    })
    expect(reads.reduce((sum, one) => sum + one)).toBeLessThan(prod.capacity.pollsPerSecond)
  })

  test("ask for a quarter when nobody looks at them", () => {
    const shown = mix({ browsing: 6_000, waitlisted: { pages: 2_000, retryAfterSeconds: 5 }, held: 2_000 })
    const hidden = loadOf({ ...shown, hiddenRatio: 1 })
    expect(hidden.atEdge).toBeLessThan(loadOf(shown).atEdge / 4)
    expect(hidden.atOrigin).toBeLessThan(loadOf(shown).atOrigin / 1.5)
  })

  test("have a head of the waitlist whose reads do not grow with the number of pages", () => {
    const load = (waiting: number) => loadOf(mix({ waitlisted: { pages: waiting, retryAfterSeconds: 10 } })).atOrigin
    const tail = (load(20_000) - load(10_000)) / 10_000
    expect(load(10_000) - tail * (10_000 - nearHeadEntries)).toBeLessThan(200)
  })
})

test("ten thousand requests that wait for a halted sale are sent again by a small part of what the edge lets through", () => {
  const perSecond = (failures: number) => (pages * 1_000) / retryDelayMs(failures, 5, 0.5)
  expect(perSecond(1)).toBeLessThan(prod.edge.writeCeilingPerSecond / 10)
  expect(perSecond(10)).toBeLessThan(600)
})

test("twenty shoppers behind one address stay below what the edge allows an address", () => {
  const perMinute = (crowd: OpenPages) => (loadOf(crowd).atEdge + loadOf(crowd).atOrigin) * 60
  for (const stage of [prod, dev]) {
    expect(perMinute(mix({ browsing: 20 }))).toBeLessThan(stage.edge.readsPerMinutePerIp)
    expect(perMinute(mix({ waitlisted: { pages: 5, retryAfterSeconds: 5 } }))).toBeLessThan(stage.edge.readsPerMinutePerIp)
  }
})

test("the stock is never read sooner than the edge has a new answer", () => {
  const edgeCacheMs = 1_000
  expect(Math.min(paces.availabilityMs, paces.calmAvailabilityMs, paces.listedStockMs)).toBeGreaterThanOrEqual(edgeCacheMs)
})

test("a promotion at the head of the waitlist is read within a second, with the 300 ms that it takes to be visible", () => {
  expect(spread(statusPaceMs({ status: "WAITLISTED", position: 0, isHidden: false }) ?? 0, 0.5) + 300).toBeLessThan(1_000)
})

test("an answer's Retry-After is the earliest moment of the next call, and failures make the pauses longer", () => {
  expect(retryDelayMs(1, 5, 0)).toBe(5_000)
  expect(retryDelayMs(1, undefined, 0)).toBe(1_000)
  expect(retryDelayMs(4, undefined, 0)).toBe(8_000)
  expect(retryDelayMs(40, undefined, 0)).toBe(paces.longestRetryMs)
  expect(retryDelayMs(1, 5, 0.99)).toBeGreaterThan(5_000)
})
