import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { evaluateMath } from "../../../lib/alarms/evaluate/metric-math.ts"

type Sparse = readonly (number | undefined)[]

const series = (values: Sparse) =>
  new Map(values.flatMap((value, period) => (value === undefined ? [] : [[period, value] as const])))

/** The result by period, as long as the first metric. */
function math(expression: string, metrics: Readonly<Record<string, Sparse>>): Sparse {
  const [first = []] = Object.values(metrics)
  const periods = first.map((_, period) => period)
  const result = evaluateMath(expression, {
    periods,
    secondsOf: () => 10,
    series(name) {
      const values = metrics[name]
      if (values === undefined) throw new Error(`no metric ${name}`)
      return series(values)
    },
  })
  return periods.map((period) => result.get(period))
}

const none = undefined

describe("the examples of CloudWatch's documentation", () => {
  const metrics = { metric1: [30, 20, 0, 0], metric2: [20, none, 20, none] }
  test.each([
    ["metric1 < metric2", [0, 0, 1, 0]],
    ["metric1 >= 30", [1, 0, 0, 0]],
    ["metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]],
    ["metric1 > 15 && metric2 > 15", [1, 0, 0, 0]],
    ["(metric1 > 15) || metric2 > 15", [1, 1, 1, 0]],
  ])("%s", (expression, expected) => expect(math(expression, metrics)).toEqual(expected))

  const ifs = { metric1: [1, 1, 0, 0, none], metric2: [30, none, 0, 0, 30], metric3: [0, 0, 20, none, 20] }
  test.each([
    ["IF(metric1, metric2, metric3)", [30, 0, 20, none, none]],
    ["IF(metric1, 5, metric3)", [5, 5, 20, none, none]],
    ["IF(metric1, metric2, 5)", [30, 0, 5, 5, none]],
    ["IF(metric1, metric2)", [30, 0, none, none, none]],
    ["IF(1, metric2, metric3)", [30, none, 0, 0, 30]],
    ["IF(0, metric2)", [none, none, none, none, none]],
  ])("%s", (expression, expected) => expect(math(expression, ifs)).toEqual(expected))
})

test.each([
  ["1 + 2 * a", [3, 5]],
  ["(1 + 2) * a", [3, 6]],
  ["-a + 10", [9, 8]],
  ["10 - a - 1", [8, 7]],
  ["2 ^ a", [2, 4]],
  ["a / PERIOD(a)", [0.1, 0.2]],
  ["ABS(1 - a)", [0, 1]],
  ["a / (a - 1)", [none, 2]],
  ["MAX([a, b])", [1, 7]],
  ["MIN([a, b])", [1, 2]],
  ["SUM([a, b])", [1, 9]],
  ["AVG([a, b])", [0.5, 4.5]],
  ["SUM(2 * [a, b])", [2, 18]],
  ["a / MAX(a)", [0.5, 1]],
  ["FILL(b, 3)", [3, 7]],
  ["FILL(b, -1)", [-1, 7]],
  ["FILL(b, REPEAT)", [none, 7]],
  ["a + b", [1, 9]],
  ["b / a", [0, 3.5]],
  ["IF(FILL(b, 0) == 0, a, 0)", [1, 0]],
])("%s", (expression, expected) => expect(math(expression, { a: [1, 2], b: [none, 7] })).toEqual(expected))

test.each([
  ["RATE(a)", /RATE is not known/],
  ["FILL(a, LINEAR)", /metric LINEAR|FILL takes/],
  ["a +", /expected a value before "the end"/],
  ["(a", /expected "\)"/],
  ["a b", /expected the end/],
  ["a % 2", /cannot read "% 2"|cannot read " % 2"/],
  ["5", /does not give one time series/],
  ["[a, a]", /does not give one time series/],
  ["PERIOD(1)", /takes the name/],
  ["c", /no metric c/],
])("%s is an error, not a guess", (expression, message) => expect(() => math(expression, { a: [1, 2] })).toThrow(message))

const values = fc.array(fc.option(fc.integer({ min: -1_000, max: 1_000 }), { nil: undefined }), { minLength: 1, maxLength: 20 })

test("a filled series has a value for each period, and keeps those that were there", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 9 }), (a, filler) => {
      expect(math(`FILL(a, ${filler})`, { a })).toEqual(a.map((value) => value ?? filler))
    }),
  )
})

test("a sum and a maximum over an array need one of its series only", () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const [summed, highest] = [math("SUM([a, b])", { a, b }), math("MAX([a, b])", { a, b })]
      for (const period of a.keys()) {
        const present = [a[period], b[period]].filter((value) => value !== undefined)
        expect(summed[period]).toEqual(present.length === 0 ? none : present.reduce((x, y) => x + y, 0))
        expect(highest[period]).toEqual(present.length === 0 ? none : Math.max(...present))
      }
    }),
  )
})

test("comparison, arithmetic and precedence agree with JavaScript where all values are there", () => {
  const number = fc.integer({ min: -50, max: 50 })
  fc.assert(
    fc.property(number, number, number, (x, y, z) => {
      const metrics = { a: [x], b: [y], c: [z] }
      expect(math("a + b * c - -a", metrics)[0]).toBe(x + y * z - -x)
      expect(math("a - b > c AND a != b", metrics)[0]).toBe(Number(x - y > z && x !== y))
      expect(math("ABS(a - b) / 4", metrics)[0]).toBe(Math.abs(x - y) / 4)
    }),
  )
})
