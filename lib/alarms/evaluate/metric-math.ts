import { type Expression, type Operator, parseExpression } from "./expression.ts"

/** The values of a metric by the start of their period, in milliseconds. A period without data is absent. */
export type Series = ReadonlyMap<number, number>

export interface MathScope {
  /** @throws Error for a name that the formula does not have */
  series(name: string): Series
  /** The period of a metric of the formula, in seconds. */
  secondsOf(name: string): number
  /** The starts of all periods in question, in order, in milliseconds. */
  readonly periods: readonly number[]
}

type Value = number | Series | readonly Series[]

const isSeries = (value: Value): value is Series => value instanceof Map
const isList = (value: Value): value is readonly Series[] => Array.isArray(value)

/**
 * What CloudWatch makes of an expression. This is the part of metric math that our definitions use, with the rules for missing
 * values of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @throws Error for anything else: an alarm must not be judged by a guess
 */
export function evaluateMath(text: string, scope: MathScope): Series {
  const value = evaluate(parseExpression(text), scope)
  if (isSeries(value)) return value
  throw new Error(`Metric math "${text}" does not give one time series`)
}

function evaluate(expression: Expression, scope: MathScope): Value {
  switch (expression.kind) {
    case "number":
      return expression.value
    case "name":
      return scope.series(expression.name)
    case "list":
      return expression.items.map((item) => seriesIn(evaluate(item, scope)))
    case "negative":
      return binary("*", -1, evaluate(expression.operand, scope))
    case "binary":
      return binary(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope))
    case "call":
      return call(expression.function, expression.args, scope)
  }
}

function seriesIn(value: Value): Series {
  if (isSeries(value)) return value
  throw new Error("Metric math: an array has time series only")
}

function call(name: string, args: readonly Expression[], scope: MathScope): Value {
  const arg = (index: number): Value => {
    const expression = args[index]
    if (expression === undefined) throw new Error(`Metric math: ${name} lacks argument ${index + 1}`)
    return evaluate(expression, scope)
  }
  switch (name) {
    case "PERIOD": {
      const [of] = args
      if (of?.kind !== "name") throw new Error("Metric math: PERIOD takes the name of a metric")
      return scope.secondsOf(of.name)
    }
    case "ABS":
      return each(arg(0), Math.abs)
    case "FILL":
      return fill(arg(0), args[1], scope)
    case "IF":
      return conditional(arg(0), arg(1), args.length > 2 ? arg(2) : undefined)
    case "MAX":
    case "MIN":
    case "SUM":
    case "AVG":
      return summary(name, arg(0))
    default:
      throw new Error(`Metric math: the function ${name} is not known here. Add it to lib/alarms/evaluate/metric-math.ts`)
  }
}

/** FILL: a constant, or the value before (REPEAT), for each period without data. */
function fill(value: Value, filler: Expression | undefined, scope: MathScope): Series {
  const series = seriesIn(value)
  const repeats = filler?.kind === "name" && filler.name === "REPEAT"
  const constant = repeats || filler === undefined ? undefined : evaluate(filler, scope)
  if (!repeats && typeof constant !== "number") throw new Error("Metric math: FILL takes a number or REPEAT here")
  const filled = new Map<number, number>()
  let last: number | undefined
  for (const period of scope.periods) {
    last = series.get(period) ?? (repeats ? last : (constant as number))
    if (last !== undefined) filled.set(period, last)
  }
  return filled
}

/**
 * IF(condition, yes, no): a period without a condition is absent. Where the condition is true, a missing value counts as 0; where
 * it is false, a missing value is absent.
 */
function conditional(condition: Value, yes: Value, no: Value | undefined): Value {
  if (typeof condition === "number") return condition !== 0 ? yes : (no ?? new Map<number, number>())
  const chosen = new Map<number, number>()
  for (const [period, value] of seriesIn(condition)) {
    const result = value !== 0 ? (at(yes, period) ?? 0) : no === undefined ? undefined : at(no, period)
    if (result !== undefined) chosen.set(period, result)
  }
  return chosen
}

const at = (value: Value, period: number): number | undefined => (typeof value === "number" ? value : seriesIn(value).get(period))

/** Of one series over time: a number. Of an array: a series. */
function summary(name: "MAX" | "MIN" | "SUM" | "AVG", value: Value): Value {
  if (typeof value === "number") return value
  if (!isList(value)) return summaryOf(name, [...seriesIn(value).values()], seriesIn(value).size)
  const periods = new Set(value.flatMap((series) => [...series.keys()]))
  const present = (period: number) => value.flatMap((series) => series.get(period) ?? [])
  return new Map([...periods].map((period) => [period, summaryOf(name, present(period), value.length)]))
}

/** @param of how many values an average is taken of: missing ones count as 0 */
function summaryOf(name: "MAX" | "MIN" | "SUM" | "AVG", values: readonly number[], of: number): number {
  if (name === "MAX") return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (name === "MIN") return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const sum = values.reduce((a, b) => a + b, 0)
  return name === "SUM" ? sum : sum / of
}

function each(value: Value, change: (value: number) => number): Value {
  if (typeof value === "number") return change(value)
  if (isList(value)) return value.map((series) => each(series, change) as Series)
  return new Map([...seriesIn(value)].map(([period, one]) => [period, change(one)]))
}

/** A missing value of one side counts as 0. A division by 0 gives no value. */
function binary(operator: Operator, left: Value, right: Value): Value {
  if (isList(left)) return left.map((series) => binary(operator, series, right) as Series)
  if (isList(right)) return right.map((series) => binary(operator, left, series) as Series)
  if (typeof left === "number" && typeof right === "number") return apply(operator, left, right) ?? Number.NaN
  const periods = new Set([left, right].flatMap((side) => (isSeries(side) ? [...side.keys()] : [])))
  const results = new Map<number, number>()
  for (const period of periods) {
    const result = apply(operator, at(left, period) ?? 0, at(right, period) ?? 0)
    if (result !== undefined) results.set(period, result)
  }
  return results
}

function apply(operator: Operator, a: number, b: number): number | undefined {
  switch (operator) {
    case "+":
      return a + b
    case "-":
      return a - b
    case "*":
      return a * b
    case "/":
      return b === 0 ? undefined : a / b
    case "^":
      return a ** b
    default:
      return Number(compare(operator, a, b))
  }
}

function compare(operator: Exclude<Operator, "+" | "-" | "*" | "/" | "^">, a: number, b: number): boolean {
  switch (operator) {
    case "==":
      return a === b
    case "!=":
      return a !== b
    case "<":
      return a < b
    case "<=":
      return a <= b
    case ">":
      return a > b
    case ">=":
      return a >= b
    case "AND":
      return a !== 0 && b !== 0
    case "OR":
      return a !== 0 || b !== 0
  }
}
