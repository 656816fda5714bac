import { createHash } from "node:crypto"
import fc from "fast-check"
import { v5 } from "uuid"
import { expect, test } from "vitest"
import {
  bodyHashOf,
  bytesFromUuid,
  isUuid,
  ownerOf,
  userIdOf,
  uuidFromBytes,
  uuidv5,
  writeUuid,
} from "../../../core/domain/ids.ts"

test("a UUID is the same after conversion to bytes and back, at any offset", () => {
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

test("any 16 bytes have a canonical text, and a later conversion does not change it", () => {
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

/** Well-formed text of any script, from empty to far longer than a key or a subject. */
const names = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "binary-ascii", maxLength: 255 }),
  fc.integer({ min: 0, max: 4_000 }).map((length) => "é".repeat(length)),
)

test("an id is the standard UUID of version 5, independently of earlier hashes", () => {
  fc.assert(
    fc.property(names, fc.uuid(), (name, namespace) => {
      expect(uuidv5(name, namespace)).toBe(v5(name, namespace))
    }),
    { numRuns: 2_000 },
  )
})

test("a user id is the same after a lookup of another issuer's user", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("https://a", "https://b", ""), fc.stringMatching(/^[a-z]{1,8}$/))),
      (subjects) => {
        for (const [issuer, subject] of subjects) expect(userIdOf(issuer, subject)).toBe(v5(subject, v5(issuer, v5.URL)))
      },
    ),
  )
})

test("a body's hash is the first 32 bits of the hash of its content, as a signed integer", () => {
  fc.assert(
    fc.property(names, fc.integer(), fc.boolean(), (skuId, quantity, joinWaitlist) => {
      const digest = createHash("sha256").update(`${skuId}\n${quantity}\n${joinWaitlist}`).digest()
      expect(bodyHashOf(skuId, quantity, joinWaitlist)).toBe(digest.readInt32BE(0))
    }),
  )
})
