import fc from "fast-check"
import { expect, test } from "vitest"
import { bytesFromUuid, isUuid, ownerOf, uuidFromBytes, writeUuid } from "../../../core/domain/ids.ts"

test("a UUID survives the way into bytes and back, wherever the bytes stand", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(64), (id, at) => {
      const bytes = Buffer.alloc(at + 16, 0xff)
      writeUuid(id, bytes, at)
      expect(uuidFromBytes(bytes, at)).toBe(id)
      expect(uuidFromBytes(bytesFromUuid(id))).toBe(id)
      expect(bytes.subarray(0, at).every((byte) => byte === 0xff)).toBe(true)
    }),
  )
})

test("any 16 bytes have a canonical text, and a later text leaves an earlier one alone", () => {
  const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(sixteen, sixteen, (one, other) => {
      const text = uuidFromBytes(one)
      uuidFromBytes(other)
      expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      expect(bytesFromUuid(text)).toEqual(one)
    }),
  )
})

test("the owner is the first 32 bits of the user", () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(isUuid(id)).toBe(true)
      expect(ownerOf(id)).toBe(bytesFromUuid(id).readInt32BE(0))
    }),
  )
})
