import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnySaleEvent, decodeEvent, encodeEvent } from "../../core/contracts/events.ts"
import { findRoute, matchPath, routes } from "../../core/contracts/http/routes.ts"
import {
  decodeReservationRecord,
  encodeReservationRecord,
  maxRecordBytes,
  recordVersion,
} from "../../core/contracts/reservation-record.ts"
import { bytesFromUuid, isUuid, ownerOf, reservationIdOf, userIdOf, uuidFromBytes, writeUuid } from "../../core/domain/ids.ts"

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const record = fc.record({
  id: fc.uuid(),
  userId: fc.uuid(),
  skuNo: int32,
  quantity: int32,
  joinWaitlist: fc.boolean(),
  bodyHash: int32,
  // The last moment that a JavaScript date can hold.
  acceptedAtMs: fc.nat(8.64e15 - 1),
})

describe("a record of the request log", () => {
  test("is read back unchanged, and stays small", () => {
    fc.assert(
      fc.property(record, (written) => {
        const value = encodeReservationRecord(written)
        expect(decodeReservationRecord(value)).toEqual({ kind: "record", record: written })
        expect(value.length).toBeLessThanOrEqual(120)
      }),
    )
  })

  test("is undecodable when it is cut off anywhere, and when bytes follow it", () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 }), (written, at, more) => {
        const value = encodeReservationRecord(written)
        const cut = value.subarray(0, at % value.length)
        expect(decodeReservationRecord(cut).kind).toBe("undecodable")
        expect(decodeReservationRecord(Buffer.concat([value, more])).kind).toBe("undecodable")
      }),
    )
  })

  test("of any bytes gives a record or a reason, never an exception", () => {
    const bytes = fc.uint8Array({ maxLength: maxRecordBytes + 10 }).map((array) => Buffer.from(array))
    const ours = bytes.map((value) => Buffer.concat([Buffer.of(recordVersion), value]))
    fc.assert(
      fc.property(fc.oneof(bytes, ours, fc.constant(null)), (value) => {
        const decoded = decodeReservationRecord(value)
        if (decoded.kind === "undecodable") return
        expect(isUuid(decoded.record.id) || /^[0-9a-f-]{36}$/.test(decoded.record.id)).toBe(true)
        expect(Number.isSafeInteger(decoded.record.quantity)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe("an event", () => {
  const event: fc.Arbitrary<AnySaleEvent> = fc.record({
    event_id: fc.constant("1-2-3"),
    event_type: fc.constant("reservation.expired" as const),
    reservation_id: fc.uuid({ version: 5 }),
    sku_id: fc.constant("sku-001"),
    seq: fc.integer({ min: 1 }),
    occurred_at: fc.constant("2026-11-27T09:00:00.000Z"),
    payload: fc.record({ user_id: fc.uuid({ version: 5 }), quantity: fc.integer({ min: 1 }) }),
  })
  test("is read back unchanged", () => {
    fc.assert(
      fc.property(event, (written) => {
        expect(decodeEvent(encodeEvent(written))).toEqual({ event: written })
      }),
    )
  })
  test("with an additional member, or of any other text, is not an event", () => {
    fc.assert(
      fc.property(event, fc.jsonValue(), fc.string({ unit: "binary" }), (written, odd, text) => {
        expect(decodeEvent(JSON.stringify({ ...written, more: 1 }))).toEqual({ poison: "invalid" })
        const withCard = { ...written, payload: { ...written.payload, card: "x" } }
        expect(decodeEvent(JSON.stringify(withCard))).toEqual({ poison: "invalid" })
        expect(decodeEvent(JSON.stringify(odd))).toHaveProperty("poison")
        expect(decodeEvent(text)).toHaveProperty("poison")
      }),
    )
  })
  test.each([
    ["empty", undefined],
    ["empty", ""],
    ["not-json", "{"],
    ["invalid", "[]"],
    ["unknown-type", JSON.stringify({ event_type: "toString" })],
    ["unknown-type", JSON.stringify({ version: 2 })],
    ["unknown-version", JSON.stringify({ event_type: "order.paid", version: 2 })],
    ["unknown-version", JSON.stringify({ event_type: "order.refunded", payload: { version: 2 } })],
    ["invalid", JSON.stringify({ event_type: "order.refunded", payload: { version: 1 } })],
  ])("that cannot be read has the reason %s: %s", (poison, value) => {
    expect(decodeEvent(value)).toEqual({ poison })
  })
  test("under the key of another SKU is not in the order of its SKU", () => {
    fc.assert(
      fc.property(event, (written) => {
        expect(decodeEvent(encodeEvent(written), written.sku_id)).toEqual({ event: written })
        expect(decodeEvent(encodeEvent(written), "sku-002")).toEqual({ poison: "other-sku" })
      }),
    )
  })
})

describe("ids", () => {
  const key = fc.stringMatching(/^[!-+.0-~-]{8,40}$/)

  test("are the same bytes and text in both directions, at any offset of a buffer", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(40), (uuid, at) => {
        const bytes = Buffer.alloc(60)
        writeUuid(uuid, bytes, at)
        expect(uuidFromBytes(bytes, at)).toBe(uuid)
        expect(bytes.subarray(at, at + 16).equals(bytesFromUuid(uuid))).toBe(true)
        expect(ownerOf(uuid)).toBe(bytes.readInt32BE(at))
      }),
    )
  })
  test("of users are UUIDs for any subject, and differ between issuers", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 255 }), fc.webUrl(), (subject, issuer) => {
        fc.pre(!isUuid(subject.toLowerCase()))
        expect(userIdOf(issuer, subject)).toSatisfy(isUuid)
        expect(userIdOf(issuer, subject)).not.toBe(userIdOf(`${issuer}x`, subject))
      }),
    )
  })
  test("of reservations differ by user and key, and a retry has the same id", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), key, key, (user, other, one, two) => {
        fc.pre(user !== other && one !== two)
        const id = reservationIdOf(user, one)
        expect(reservationIdOf(user, one)).toBe(id)
        expect(new Set([id, reservationIdOf(other, one), reservationIdOf(user, two)]).size).toBe(3)
      }),
    )
  })
})

describe("a path", () => {
  const segment = fc.oneof(
    fc.webSegment(),
    fc.constantFrom("v1", "skus", "reservations", "batch", "%", "%2f", "..", "", "__proto__"),
  )
  const path = fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join("/")}`)

  test("matches at most one route, whose template it fills", () => {
    fc.assert(
      fc.property(fc.constantFrom("GET", "POST", "DELETE", "PUT"), path, (method, where) => {
        const found = findRoute(method, where)
        if (found === undefined) return
        expect(routes).toContain(found.route)
        expect(matchPath(found.route.path, where)).toEqual(found.parameters)
        for (const value of Object.values(found.parameters)) expect(value).not.toBe("")
      }),
      { numRuns: 1_000 },
    )
  })
  test("made of a template and any values gives back the same values", () => {
    const value = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(fc.constantFrom(...routes), value, value, ({ path: template }, one, two) => {
        const values = [one, two]
        const filled = template.replace(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? ""))
        expect(Object.values(matchPath(template, filled) ?? { none: 1 })).toEqual(template.includes("{") ? [one] : [])
      }),
    )
  })
})
