import { generateKeyPairSync } from "node:crypto"
import fc from "fast-check"
import { CompactSign, compactVerify, createLocalJWKSet, importJWK, type JWK } from "jose"
import { beforeEach, describe, expect, test } from "vitest"
import { createReceipts, maxReceiptLength, type ReceiptFacts } from "../../core/adapters/receipts.ts"
import { firstOffsetOfGeneration } from "../../core/domain/log-generations.ts"

const keyNamed = (kid: string): JWK => ({
  ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  kid,
})
const [current, previous, foreign] = [keyNamed("2026-11"), keyNamed("2026-10"), keyNamed("2026-11")]
let secret: string
const publish = (...keys: JWK[]) => {
  secret = JSON.stringify({ keys })
}
const receipts = createReceipts(async () => secret)
beforeEach(() => publish(current, previous))

const facts: ReceiptFacts = {
  reservationId: "0f8fad5b-d9cb-569f-a165-70867728950e",
  partition: 3,
  offset: 123_456,
  owner: -12_345,
  skuId: "sku-001",
  quantity: 2,
}
const anyFacts = fc.record({
  reservationId: fc.uuid({ version: 5 }),
  partition: fc.nat(999),
  offset: fc.maxSafeNat(),
  owner: fc.integer(),
  skuId: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  quantity: fc.integer({ min: 1, max: 1_000 }),
})

test("the content that was signed is read back", async () => {
  await fc.assert(
    fc.asyncProperty(anyFacts, async (any) => {
      expect(await receipts.verify(await receipts.sign(any))).toEqual(any)
    }),
  )
})

test("a receipt with one changed character is not accepted", async () => {
  const receipt = await receipts.sign(facts)
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ "
  await fc.assert(
    fc.asyncProperty(fc.nat(receipt.length - 1), fc.constantFrom(...alphabet), async (at, character) => {
      fc.pre(receipt[at] !== character)
      expect(await receipts.verify(receipt.slice(0, at) + character + receipt.slice(at + 1))).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

test("any other text is not accepted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      expect(await receipts.verify(text)).toBeUndefined()
    }),
  )
  const receipt = await receipts.sign(facts)
  for (const text of ["", ".", "..", "...", `${receipt}.`, `.${receipt}`, ` ${receipt}`, "x".repeat(maxReceiptLength + 1)]) {
    expect(await receipts.verify(text)).toBeUndefined()
  }
})

test("a receipt is a JWS that anyone can verify with the published keys", async () => {
  const { keys } = await receipts.publicKeys()
  expect(keys.map(({ kid }) => kid)).toEqual(["2026-11", "2026-10"])
  expect(JSON.stringify(keys)).not.toContain(current.d)
  const { payload, protectedHeader } = await compactVerify(
    await receipts.sign(facts),
    createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) }),
  )
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: "2026-11" })
  expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
    reservation_id: facts.reservationId,
    partition: 3,
    offset: 123_456,
    owner: -12_345,
    sku_id: "sku-001",
    quantity: 2,
  })
})

test("from the second generation of the log on, a receipt names it, with the offset that Kafka knows", async () => {
  const offset = firstOffsetOfGeneration(2) + 7
  const receipt = await receipts.sign({ ...facts, offset })
  const claims = JSON.parse(Buffer.from(receipt.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>
  expect(claims).toMatchObject({ generation: 2, offset: 7 })
  expect(await receipts.verify(receipt)).toEqual({ ...facts, offset })
})

test("a receipt from before there were generations is of the first", async () => {
  const place = { partition: facts.partition, offset: facts.offset }
  const request = { reservation_id: facts.reservationId, owner: facts.owner, sku_id: facts.skuId, quantity: facts.quantity }
  const claims = Buffer.from(JSON.stringify({ ...request, ...place }))
  const key = await importJWK(current, "EdDSA")
  const text = await new CompactSign(claims).setProtectedHeader({ alg: "EdDSA", kid: "2026-11" }).sign(key)
  expect(await receipts.verify(text)).toEqual(facts)
})

describe("a forged receipt is refused", () => {
  const claims = Buffer.from(
    JSON.stringify({ reservation_id: facts.reservationId, partition: 3, offset: 0, owner: 1, sku_id: "s", quantity: 1 }),
  )

  test("signed by another key under our key's name", async () => {
    const key = await importJWK(foreign, "EdDSA")
    expect(
      await receipts.verify(await new CompactSign(claims).setProtectedHeader({ alg: "EdDSA", kid: "2026-11" }).sign(key)),
    ).toBeUndefined()
  })
  test("signed with the public key as an HMAC secret", async () => {
    const secret = Buffer.from(current.x ?? "", "base64url")
    expect(
      await receipts.verify(await new CompactSign(claims).setProtectedHeader({ alg: "HS256", kid: "2026-11" }).sign(secret)),
    ).toBeUndefined()
  })
  test("not signed at all", async () => {
    const header = Buffer.from(JSON.stringify({ alg: "none", kid: "2026-11" })).toString("base64url")
    expect(await receipts.verify(`${header}.${claims.toString("base64url")}.`)).toBeUndefined()
  })
})

test("after a rotation old receipts verify until their key is dropped, and new ones carry the new key", async () => {
  publish(previous)
  const old = await receipts.sign(facts)
  const { d: _private, ...publicHalf } = previous
  publish(current, publicHalf)
  expect(await receipts.verify(old)).toEqual(facts)
  expect(await receipts.verify(await receipts.sign(facts))).toEqual(facts)
  publish(current)
  expect(await receipts.verify(old)).toBeUndefined()
})

test("a receipt is valid for its own reservation and shopper only", async () => {
  const receipt = await receipts.sign(facts)
  expect(await receipts.ofReservation(receipt, facts.reservationId, facts.owner)).toEqual(facts)
  const notFound = { name: "NotFound", kind: "reservation" }
  await expect(receipts.ofReservation(receipt, facts.reservationId, facts.owner + 1)).rejects.toMatchObject(notFound)
  await expect(receipts.ofReservation(receipt, "0f8fad5b-d9cb-569f-a165-70867728950f", facts.owner)).rejects.toMatchObject(
    notFound,
  )
  await expect(receipts.ofReservation("x.y.z", facts.reservationId, facts.owner)).rejects.toMatchObject(notFound)
})

test("a secret that is no key set is refused, and the message does not show it", async () => {
  for (const malformed of ["{}", "not JSON: s3cret", JSON.stringify({ keys: [{ ...current, d: 7 }] }), '{"keys":[]}']) {
    secret = malformed
    await expect(receipts.sign(facts)).rejects.toThrow(/^RECEIPT_KEYS is not a JWKS/)
  }
})
