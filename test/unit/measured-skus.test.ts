import { expect, test } from "vitest"
import { mostMeasuredSkus } from "../../core/contracts/metrics.ts"
import { createMeasuredSkus } from "../../lambdas/batch-writer/measured-skus.ts"

test("as many SKUs as mostMeasuredSkus have metrics of their own in an hour; the next hour may have others", () => {
  let nowMs = 0
  const measured = createMeasuredSkus(() => nowMs)
  const skus = Array.from({ length: mostMeasuredSkus + 1 }, (_, index) => `SKU-${index}`)
  expect(skus.filter((sku) => measured.has(sku))).toEqual(skus.slice(0, mostMeasuredSkus))
  expect(measured.has("SKU-0")).toBe(true)
  nowMs = 3_600_000
  expect(measured.has(skus.at(-1) ?? "")).toBe(true)
})
