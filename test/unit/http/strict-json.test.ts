import fc from "fast-check"
import { expect, test } from "vitest"
import { maxJsonDepth, parseStrictJson } from "../../../core/adapters/http/strict-json.ts"
import { ProblemError } from "../../../core/contracts/problems.ts"

/** Objects and arrays within each other. */
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

const refusalOf = (text: string): unknown => {
  try {
    return { value: parseStrictJson(text) }
  } catch (error) {
    return error
  }
}
const isMalformed = (error: unknown) => error instanceof ProblemError && error.slug === "malformed-json"

test("any output of JSON.stringify is read as JSON.parse reads it, up to the allowed depth", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: maxJsonDepth + 2, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      if (depthOf(value) > maxJsonDepth) expect(refusalOf(text)).toSatisfy(isMalformed)
      else expect(parseStrictJson(text)).toEqual(JSON.parse(text))
    }),
    { numRuns: 1_000 },
  )
})

test("any text is read as JSON.parse reads it, or is malformed-json: nothing else is thrown", () => {
  const almostJson = fc
    .array(
      fc.constantFrom(...'{}[],:"\\', "u", "0", "1", "-", ".", "e", "true", "null", " ", "\n", '"a"', "\0", "\ufeff", "/*", "//"),
    )
    .map((parts) => parts.join(""))
  fc.assert(
    fc.property(fc.oneof(almostJson, fc.string({ unit: "binary" })), (text) => {
      const result = refusalOf(text)
      if (result instanceof Error) expect(result).toSatisfy(isMalformed)
      else expect(result).toEqual({ value: JSON.parse(text) })
    }),
    { numRuns: 5_000 },
  )
})

test("a name that occurs twice in one object is malformed, in any notation and at any depth", () => {
  const escaped = (name: string) => [...name].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  const name = fc.stringMatching(/^[a-z_]{1,8}$/)
  fc.assert(
    fc.property(name, fc.integer({ min: 0, max: maxJsonDepth - 1 }), fc.boolean(), (name, depth, isEscaped) => {
      const twice = `{"${name}":1,"${isEscaped ? escaped(name) : name}":1}`
      const text = "[".repeat(depth) + twice + "]".repeat(depth)
      expect(refusalOf(text)).toSatisfy(isMalformed)
      expect(refusalOf(text.replace(`,"${isEscaped ? escaped(name) : name}"`, `,"${name}0"`))).not.toBeInstanceOf(Error)
    }),
  )
})
