import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { int4Array } from "../../../core/adapters/postgres/binary-arrays.ts"
import { integer, nullable, text, textArray } from "../../../core/adapters/postgres/parameter-types.ts"
import { numberedText, statement } from "../../../core/adapters/postgres/statement.ts"
import { prepareStatements, transitionStatements } from "../../../core/adapters/postgres/statements.ts"

describe("a statement", () => {
  test("sends each value as the parameter of its name, in any order of the values", () => {
    const read = statement("SELECT $second::int, $first, $second + 1", { first: text, second: integer }, "read")
    expect(read({ first: "a", second: 2 })).toEqual({ name: "read", text: "SELECT $1::int, $2, $1 + 1", values: [2, "a"] })
    expect(read({ second: 2, first: "a" }).values).toEqual([2, "a"])
  })

  test("converts each value by the type of its parameter", () => {
    const read = statement("SELECT $numbers, $words, $maybe, $other", {
      numbers: int4Array,
      words: textArray,
      maybe: nullable(text),
      other: nullable(integer),
    })
    expect(read({ numbers: [1], words: ["a"], maybe: undefined, other: 0 })).toEqual({
      text: "SELECT $1, $2, $3, $4",
      values: [int4Array([1]), ["a"], null, 0],
    })
  })

  test.each([
    ["lacks a parameter of its text", "SELECT $sku_no, $seq", /without a type: \[seq\], and types without a parameter: \[\]/],
    ["has one that its text does not have", "SELECT 1", /without a type: \[\], and types without a parameter: \[sku_no\]/],
    ["is misspelt", "SELECT $sku_nos", /without a type: \[sku_nos\], and types without a parameter: \[sku_no\]/],
    ["is only in a comment", "-- of $sku_no\nSELECT 1", /types without a parameter: \[sku_no\]/],
  ])("is refused at the start when it %s", (_, sql, message) => {
    expect(() => statement(sql, { sku_no: integer })).toThrow(message)
  })

  test("leaves casts, comments and array slices as they are", () => {
    const sql = "-- costs $5\nSELECT a[1 : $to]::int[], '{}'::text[]"
    expect(numberedText(sql)).toEqual({ numbered: "-- costs $5\nSELECT a[1 : $1]::int[], '{}'::text[]", names: ["to"] })
  })

  test("takes in the columns that several statements share, and no unknown ones", () => {
    expect(numberedText("SELECT {{product-columns}} FROM products p").numbered).toMatch(
      /^SELECT i\.sku_id, p\.name, .* FROM products p$/,
    )
    expect(() => numberedText("SELECT {{no-columns}}")).toThrow("There is no fragment no-columns")
  })
})

test("the parameters of every statement of a transition are those of its text", () => {
  expect(Object.keys(prepareStatements())).toHaveLength(Object.keys(transitionStatements).length)
  expect(() => prepareStatements({ ...transitionStatements, lockPartition: "SELECT $topic" })).toThrow("[partition,expected]")
})

const folder = new URL("../../../core/adapters/postgres/statements/", import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith(".sql"))

test.each(files)("%s begins with its name and numbers no parameter by hand", (file) => {
  const sql = readFileSync(new URL(file, folder), "utf8")
  expect(sql.startsWith(`-- ${file.replace(".sql", "")}: `)).toBe(true)
  expect(sql).not.toMatch(/\$\d/)
})

test("the columns of a SKU are listed in one place", () => {
  const listing = files.filter((file) =>
    /hold_seconds/.test(readFileSync(new URL(file, folder), "utf8").replace(/^--.*\n/gm, "")),
  )
  // Of these, create-sku writes them, and relay-entries reads one.
  expect(listing).toEqual(["create-sku.sql", "relay-entries.sql"])
})
