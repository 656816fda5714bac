import * as z from "zod"

/**
 * Says in a sentence what is wrong with a field, for every kind of fault that a schema finds. A text of the schema itself
 * (`.regex(pattern, text)`, `.refine(check, text)`) is used instead of this one. The reader is a client of the API: the sentence
 * continues after the field's name ("quantity is required") and does not mention TypeScript.
 */
export function sentenceOf(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return "is required"
  const schema = issue.schema ?? issue.inst
  switch (issue.code) {
    case "invalid_type":
      if (!(schema instanceof z.ZodNumber)) return kindSentence(issue.expected)
      return typeof issue.input === "string" ? `${numberSentence(schema)}, without quotation marks` : numberSentence(schema)
    case "invalid_value":
      return choiceSentence(issue.values)
    case "too_small":
    case "too_big":
      return schema instanceof z.ZodNumber ? numberSentence(schema) : sizeSentence(issue)
    case "not_multiple_of":
      return `must be a multiple of ${figure(issue.divisor)}`
    case "invalid_format":
      return formatSentence(issue)
    case "invalid_union":
      return unionSentence(issue)
    case "invalid_key":
      return "has a name that is not allowed"
    default:
      return "is not allowed"
  }
}

const figures = new Intl.NumberFormat("en-US", { maximumFractionDigits: 20 })
const figure = (value: number | bigint): string => figures.format(value)

/** A bound that the schema sets. The bounds of the number format itself do not help a reader. */
const chosen = (bound: number | null): number | undefined =>
  bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined

/** The whole range, for a value below it and for a value above it. */
function numberSentence(schema: z.ZodNumber): string {
  const what = schema.isInt ? "must be a whole number" : "must be a number"
  const [from, to] = [chosen(schema.minValue), chosen(schema.maxValue)]
  if (from !== undefined && to !== undefined) return `${what} from ${figure(from)} to ${figure(to)}`
  if (from !== undefined) return `${what}, ${figure(from)} or more`
  if (to !== undefined) return `${what}, ${figure(to)} or less`
  return schema.isInt ? `${what} of at most ${figure(Number.MAX_SAFE_INTEGER)}` : what
}

const namedFields = "must be named fields in braces"

/** What a value must be, by zod's name of its kind. */
const kinds: Readonly<Record<string, string>> = {
  string: "must be text in quotation marks",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list in brackets",
  object: namedFields,
  record: namedFields,
  map: namedFields,
  date: "must be a date",
  null: "must be null",
  undefined: "must not be given",
  never: "must not be given",
}

const kindSentence = (kind: string): string => kinds[kind] ?? "is not of the right kind"

function choiceSentence(values: readonly unknown[]): string {
  const [last, ...others] = values.map(String).reverse()
  return others.length === 0 ? `must be ${last}` : `must be ${others.reverse().join(", ")} or ${last}`
}

/** The unit in which a value is too short or too long. */
const counted: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
  set: ["entry", "entries"],
  map: ["entry", "entries"],
}

type SizeIssue = Extract<z.core.$ZodRawIssue, { code: "too_small" | "too_big" }>

function sizeSentence(issue: SizeIssue): string {
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum
  const side = issue.code === "too_small" ? "at least" : "at most"
  const names = counted[issue.origin]
  if (names === undefined) return `must be ${side} ${figure(bound)}`
  return `must have ${side} ${figure(bound)} ${bound === 1 ? names[0] : names[1]}`
}

/** How a text must be written, by zod's name of its format. */
const formats: Readonly<Record<string, string>> = {
  uuid: "must be a UUID",
  url: "must be a URL",
  email: "must be an e-mail address",
  datetime: "must be a date and time with Z or an offset, such as 2026-11-27T09:00:00Z",
  date: "must be a date, such as 2026-11-27",
  time: "must be a time, such as 09:00:00",
}

type FormatIssue = Extract<z.core.$ZodRawIssue, { code: "invalid_format" }>

function formatSentence({ format, pattern }: FormatIssue): string {
  const known = formats[format]
  if (known !== undefined) return known
  return typeof pattern === "string" ? `must match the pattern ${pattern}` : "is not written as it must be"
}

type UnionIssue = Extract<z.core.$ZodRawIssue, { code: "invalid_union" }>

/**
 * The sentence lists all forms of a body when the field selects one of them. For another field with several forms it cannot say
 * which form the client meant.
 */
function unionSentence(issue: UnionIssue): string {
  const { discriminator, input } = issue
  if (discriminator === undefined) return "is not allowed"
  // The input of this fault is the whole body.
  const isGiven = typeof input === "object" && input !== null && Object.hasOwn(input, discriminator)
  return isGiven ? choiceSentence(Array.isArray(issue.options) ? issue.options : []) : "is required"
}
