import { describe, expect, test } from "vitest"
import { validated } from "../../../core/adapters/http/validated.ts"
import { definitionHashOf } from "../../../core/adapters/postgres/admin-skus.ts"
import { CreateSkuBody } from "../../../core/contracts/http/admin.ts"

const sku = { sku_id: "lamp", name: "A lamp", price_minor: 500, currency: "EUR", total_stock: 1 }
const created = (times: object) => validated(CreateSkuBody, { ...sku, ...times }) as CreateSkuBody

describe("a time of RFC 3339 becomes the same moment in UTC", () => {
  test.each([
    ["2026-11-27T09:00:00Z", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27T11:00:00+02:00", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27T03:30:00-05:30", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27T00:30:00+02:00", "2026-11-26T22:30:00.000Z"],
    ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"],
    ["2026-11-27T09:00:00+00:00", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27T09:00:00-00:00", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27t09:00:00z", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27t11:00:00.5+02:00", "2026-11-27T09:00:00.500Z"],
    ["2026-11-27T09:00:00.123456789Z", "2026-11-27T09:00:00.123Z"],
    ["2024-02-29T09:00:00+01:00", "2024-02-29T08:00:00.000Z"],
  ])("%s is %s", (given, inUtc) => {
    expect(created({ opens_at: given }).opens_at).toBe(inUtc)
  })

  test("two offsets of one moment give the same definition of a SKU, and another moment gives another", () => {
    const definition = definitionHashOf(created({ opens_at: "2026-11-27T09:00:00Z" }))
    expect(definitionHashOf(created({ opens_at: "2026-11-27T11:00:00.000+02:00" }))).toEqual(definition)
    expect(definitionHashOf(created({ opens_at: "2026-11-27T09:00:00+02:00" }))).not.toEqual(definition)
  })

  test("and the order of opening and closing is that of the moments", () => {
    expect(created({ opens_at: "2026-11-27T09:00:00+02:00", closes_at: "2026-11-27T08:00:00Z" })).toMatchObject({
      closes_at: "2026-11-27T08:00:00.000Z",
    })
    expect(faultOf({ opens_at: "2026-11-27T09:00:00Z", closes_at: "2026-11-27T10:00:00+02:00" })).toEqual([
      { field: "closes_at", message: "must be after opens_at" },
    ])
  })
})

function faultOf(times: object): unknown {
  try {
    return created(times)
  } catch (error) {
    return (error as { details: { errors: unknown } }).details.errors
  }
}

const form = "must be a date and time with Z or an offset, such as 2026-11-27T09:00:00Z or 2026-11-27T10:00:00+01:00"
const range = "must be a date of the calendar in the years 2000 to 2099 and a time from 00:00:00 to 23:59:59"

describe("a text that is no moment is refused with a sentence", () => {
  test.each([
    ["2026-11-27T24:00:00Z", range],
    ["2026-11-27T24:00:00+02:00", range],
    ["2026-11-27T09:60:00Z", range],
    ["2026-06-30T23:59:60Z", range],
    ["2026-02-30T09:00:00Z", range],
    ["2026-02-29T09:00:00+02:00", range],
    ["2026-04-31T09:00:00-02:00", range],
    ["2026-13-01T09:00:00Z", range],
    ["2026-00-10T09:00:00Z", range],
    ["1999-12-31T09:00:00Z", range],
    ["0000-01-01T00:00:00Z", range],
    ["2026-11-27T09:00:00+24:00", range],
    ["2000-01-01T00:30:00+02:00", "must be in the years 2000 to 2099 in UTC"],
    ["2099-12-31T23:30:00-02:00", "must be in the years 2000 to 2099 in UTC"],
    ["2026-11-27T09:00:00", form],
    ["2026-11-27 09:00:00Z", form],
    ["2026-11-27T09:00Z", form],
    ["2026-11-27T09:00:00+0200", form],
    ["2026-11-27T09:00:00+02", form],
    ["2026-11-27", form],
    ["+002026-11-27T09:00:00Z", form],
    ["2026-11-27T09:00:00Z\n", form],
    ["tomorrow", form],
  ])("%j", (given, message) => {
    expect(faultOf({ opens_at: given })).toEqual([{ field: "opens_at", message }])
    expect(faultOf({ closes_at: given })).toEqual([{ field: "closes_at", message }])
  })
})
