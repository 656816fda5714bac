import { expect, test } from "vitest"
import { logRecord } from "../../../lambdas/batch-writer/log-record.ts"
import { createFeed, sales } from "../../../loadtest/writer/feed.ts"

const skus = [1, 2].map((skuNo) => ({ skuNo, skuId: `bench-${skuNo}` }))

test("the feed is records as the event source brings them: offsets without a gap, decodable, keyed by their SKU", () => {
  const feed = createFeed(1)
  const sale = { ...sales["ten-skus"], requests: 100 }
  const records = [...feed.records(sale, skus), ...feed.records(sale, skus)].map(logRecord)
  expect(records.map(({ offset }) => offset)).toEqual([...Array(200).keys()])
  for (const { key, decoded } of records)
    expect(decoded).toMatchObject({ kind: "record", record: { skuNo: Number(key?.at(-1)) } })
  expect(feed.distinct).toBe(200)
})

test("a mixed sale repeats a tenth of its records, at the same places with the same seed", () => {
  const sale = { ...sales.mixed, requests: 2_000 }
  const placesOf = (seed: number) => {
    const feed = createFeed(seed)
    const values = feed.records(sale, skus).map(({ value }) => value)
    const repeats = values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []))
    expect(feed.distinct).toBe(sale.requests - repeats.length)
    return repeats
  }
  const places = placesOf(1)
  expect(places.length / sale.requests).toBeCloseTo(0.1, 1)
  expect(placesOf(1)).toEqual(places)
  expect(placesOf(2)).not.toEqual(places)
})
