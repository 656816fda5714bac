import { expect, test } from "vitest"
import { slopePerSample } from "../../../loadtest/path/soak.ts"

test("growing memory shows as a slope, independently of garbage collections", () => {
  const saw = [0, 8, 3, 11, 1, 9]
  const growing = Array.from({ length: 60 }, (_, index) => 200 + 2 * index + (saw[index % saw.length] ?? 0))
  expect(slopePerSample(growing)).toBeCloseTo(2, 1)
  expect(slopePerSample(growing.map((value, index) => value - 2 * index))).toBeCloseTo(0, 1)
})

test("too few samples have no slope", () => {
  expect(slopePerSample([100, 200])).toBe(0)
})
