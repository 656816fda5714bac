import { describe, expect, test } from "vitest"
import * as z from "zod"
import { validated } from "../../../core/adapters/http/validated.ts"
import { CreateSkuBody } from "../../../core/contracts/http/admin.ts"
import { ProblemError } from "../../../core/contracts/problems.ts"
import { everyField, type FieldCase } from "./every-field.ts"

/** The messages that a client gets about a value, by field. */
function messagesFor(schema: z.ZodType, value: unknown): ReadonlyMap<string, string> {
  try {
    validated(schema, value)
  } catch (error) {
    if (error instanceof ProblemError) return new Map(error.details.errors?.map(({ field, message }) => [field, message]))
    throw error
  }
  return new Map()
}

const nameOf = ({ path }: FieldCase): string => path.join(".")
const messageFor = (asked: FieldCase, value: unknown) => messagesFor(asked.schema, asked.holding(value)).get(nameOf(asked))

/** Words of the programming language and of its library: a message for people has none of them. */
const foreign =
  /\b(expected|received|undefined|nan|infinity|invalid\w*|input|strings?|booleans?|arrays?|objects?|ints?|integers?|nullish|enum|regex|zod)\b/i

/** A value of each JSON type, and numbers that are out of most ranges. */
const values = [
  null,
  "text!",
  "",
  "\u0000",
  "x".repeat(2_000),
  7,
  -1,
  0,
  1.5,
  1e308,
  2 ** 53,
  -(10 ** 9),
  true,
  [],
  {},
  [[]],
  [7],
]

const fields = everyField.map((asked) => [`${asked.where}: ${nameOf(asked)}`, asked] as const)

test("the list has the fields of every body, query and command", () => {
  expect(new Set(everyField.map(nameOf))).toEqual(
    new Set([
      ...["sku_id", "quantity", "join_waitlist", "items", "items.0.user_id", "items.0.sku_id", "items.0.quantity", "receipt"],
      ...[
        "payment_method",
        "name",
        "price_minor",
        "currency",
        "total_stock",
        "per_user_limit",
        "hold_seconds",
        "waitlist_limit",
        "max_unpaid_holds",
      ],
      ...["opens_at", "closes_at", "mode", "force", "freeze", "seconds", "command", "operator", "idempotency_key", "sku"],
      ...Object.keys(CreateSkuBody.shape).map((name) => `sku.${name}`),
      ...["limit", "cursor", "status", "reservation_id", "state"],
      ...["order_id", "reason", "amount_minor", "return_unit"],
      ...["group", "to", "topic", "partition", "partitions", "partitions.0.partition", "partitions.0.offset"],
      ...["send_again", "generation", "reservation_id", "state"],
      ...["pid", "whole_session", "confirmed", "limits", "lost", "records", "sku_ids", "hours", "kind", "ids"],
      ...["after", "after.partition", "after.offset", "offset", "since", "newest", "key", "raw"],
      ...["spans", "spans.0.partition", "spans.0.from", "spans.0.to"],
      ...["from", "interval_seconds", "intervals", "users", "minutes"],
      ...["sales", "sales.0.sku_id", "sales.0.opens_at", "sales.0.closes_at", "sales.0.units"],
      ...["sales.0.price_minor", "sales.0.hold_seconds"],
      ...["sub", "scope", "tier", "account_age_seconds", "expires_in_seconds"],
    ]),
  )
})

describe.each(fields)("%s", (_, asked) => {
  test("is required when it is missing, or is optional", () => {
    expect(messageFor(asked, undefined)).toBe(asked.isRequired ? "is required" : undefined)
  })

  test("with any wrong value is answered with a sentence for people", () => {
    for (const value of values) {
      for (const sentence of messagesFor(asked.schema, asked.holding(value)).values()) {
        expect(sentence).toMatch(/^(is|has|must) /)
        expect(sentence).not.toMatch(foreign)
      }
    }
  })

  test("of another type is answered with the type that it must have", () => {
    // The values of a query are always text, also for numbers.
    if (asked.field instanceof z.ZodNumber && !asked.field.def.coerce) {
      expect(messageFor(asked, true)).toMatch(/^must be a whole number/)
      expect(messageFor(asked, "7")).toMatch(/^must be a whole number.*, without quotation marks$/)
    }
    if (asked.field instanceof z.ZodBoolean) expect(messageFor(asked, "yes")).toBe("must be true or false")
    if (asked.field instanceof z.ZodArray) expect(messageFor(asked, "yes")).toBe("must be a list in brackets")
    if (asked.field instanceof z.ZodString) expect(messageFor(asked, 7)).toBe("must be text in quotation marks")
  })

  test("out of its range is answered with the whole range", () => {
    if (!(asked.field instanceof z.ZodNumber)) return
    const figure = (bound: number) => bound.toLocaleString("en-US")
    const [from, to] = [asked.field.minValue ?? 0, asked.field.maxValue ?? 0]
    const range = to < Number.MAX_SAFE_INTEGER ? ` from ${figure(from)} to ${figure(to)}` : `, ${figure(from)} or more`
    expect(messageFor(asked, from - 1)).toBe(`must be a whole number${range}`)
    if (to < Number.MAX_SAFE_INTEGER) expect(messageFor(asked, to + 1)).toBe(`must be a whole number${range}`)
    expect(messageFor(asked, 1.5)).toBe(`must be a whole number${range}`)
    expect(messageFor(asked, 2 ** 53)).toBe(`must be a whole number${range}`)
  })
})

/** The query of a list: parameters that a proxy or a tracker adds to it are ignored. */
const isOpen = ({ schema }: (typeof everyField)[number]) => schema instanceof z.ZodObject && schema.def.catchall === undefined

test.each([...new Map(everyField.map((asked) => [asked.where, asked]))])("%s with an unknown field says so", (_, asked) => {
  const sentence = messagesFor(asked.schema, { ...(asked.holding(undefined) as object), amount: 5 }).get("amount")
  expect(sentence).toBe(isOpen(asked) ? undefined : "is not a known field")
  expect(messagesFor(asked.schema, 7).get("body")).toBe("must be named fields in braces")
})

describe("sentences for the fields that people most often get wrong", () => {
  const of = (where: string, name: string, value: unknown) => {
    const asked = everyField.find((field) => field.where === where && nameOf(field) === name)
    return asked && messageFor(asked, value)
  }
  test.each<[string, string, unknown, string]>([
    ["POST /v1/reservations body", "quantity", 0, "must be a whole number from 1 to 1,000"],
    ["POST /v1/reservations/batch body", "items", [], "must have at least 1 entry"],
    ["POST /v1/reservations/batch body", "items", Array(1_001).fill({}), "must have at most 1,000 entries"],
    ["POST /v1/admin/skus body", "name", "", "must have at least 1 character"],
    ["POST /v1/admin/skus body", "name", "x".repeat(201), "must have at most 200 characters"],
    ["POST /v1/admin/skus body", "price_minor", -1, "must be a whole number from 0 to 1,000,000,000,000"],
    ["POST /v1/admin/skus/{sku_id}/restock body", "quantity", 0, "must not be 0"],
    ["POST /v1/admin/skus/{sku_id}/restock body", "quantity", 1e7 + 1, "must be a whole number from -10,000,000 to 10,000,000"],
    ["POST /v1/admin/skus/{sku_id}/mode body", "mode", "fast", "must be batch, direct or halted"],
    ["operator", "idempotency_key", "a,b", "must be 8 to 255 visible ASCII characters without comma and slash"],
    ["POST /local/token body", "tier", "gold", "must be 1, 2, 3, 4 or suspected, new, verified, premium"],
  ])("%s: %s = %j: %s", (where, name, value, sentence) => {
    expect(of(where, name, value)).toBe(sentence)
  })
})

describe("schemas of other types, without their own text", () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ["a number of a query", z.coerce.number().int().min(1).max(100), "many", "must be a whole number from 1 to 100"],
    ["a lower bound alone", z.int().min(1), 0, "must be a whole number, 1 or more"],
    ["an upper bound alone", z.int().max(9), 10, "must be a whole number, 9 or less"],
    ["no bound", z.int(), 2 ** 53, "must be a whole number of at most 9,007,199,254,740,991"],
    ["a fraction", z.number().min(0).max(1), 2, "must be a number from 0 to 1"],
    ["steps", z.int().multipleOf(5), 7, "must be a multiple of 5"],
    ["a choice", z.enum(["asc", "desc"]), "up", "must be asc or desc"],
    ["one value", z.literal("yes"), "no", "must be yes"],
    ["a pattern", z.string().regex(/^[a-z]+$/), "7", "must match the pattern /^[a-z]+$/"],
    ["a UUID", z.uuid(), "7", "must be a UUID"],
    ["a moment", z.iso.datetime(), "now", "must be a date and time with Z or an offset, such as 2026-11-27T09:00:00Z"],
    ["a check without a text", z.string().refine(() => false), "a", "is not allowed"],
    ["a check with a text", z.string().refine(() => false, "is the wrong currency"), "a", "is the wrong currency"],
    ["several kinds", z.union([z.int(), z.boolean()]), "a", "is not allowed"],
    ["names", z.record(z.string().min(2), z.int()), { a: 1 }, "has a name that is not allowed"],
  ])("%s", (_, schema, value, sentence) => {
    const [message] = messagesFor(z.strictObject({ field: schema }), { field: value }).values()
    expect(message).toBe(sentence)
  })
})
