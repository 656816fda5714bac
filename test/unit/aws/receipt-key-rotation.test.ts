import { generateKeyPairSync } from "node:crypto"
import { expect, test } from "vitest"
import { parseReceiptKeys } from "../../../core/adapters/receipts/keys.ts"
import { nextReceiptKeys, receiptKeysRotation, retiredKeyLifeMs } from "../../../lambdas/secret-rotation/receipt-keys.ts"

const dayMs = 24 * 60 * 60 * 1_000
const now = Date.parse("2027-03-01T00:00:00Z")
const keyNamed = (kid: string) => ({
  ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  kid,
  alg: "EdDSA",
  use: "sig",
})
const byHand = JSON.stringify({ keys: [keyNamed("signer"), keyNamed("next"), { ...keyNamed("old"), d: undefined }] })
interface StoredKey {
  readonly kid: string
  readonly d?: string
  readonly retired_at?: string
}
const keysOf = (secret: string): StoredKey[] => JSON.parse(secret).keys
const kidsOf = (secret: string): string[] => keysOf(secret).map(({ kid }) => kid)

test("the next signer becomes the signer, a new key is the next signer, and the other keys only verify", () => {
  const [signer, next, ...retired] = keysOf(nextReceiptKeys(byHand, now))
  expect(signer).toMatchObject({ kid: "next", d: expect.any(String) })
  expect(next).toMatchObject({ d: expect.any(String) })
  expect(next).not.toHaveProperty("retired_at")
  expect(retired).toMatchObject([{ kid: "signer" }, { kid: "old" }])
  for (const key of retired) {
    expect(key).not.toHaveProperty("d")
    expect(key.retired_at).toBe("2027-03-01T00:00:00.000Z")
  }
})

test("a secret with one key, written by a person, gets two keys and keeps the old one", () => {
  const rotated = nextReceiptKeys(JSON.stringify({ keys: [keyNamed("only")] }), now)
  expect(kidsOf(rotated)).toHaveLength(3)
  expect(kidsOf(rotated)[2]).toBe("only")
})

test("in a year of rotations, each signer was published by the rotation before", () => {
  let secret = nextReceiptKeys("AsSecretsManagerFillsItAtFirst", now)
  for (let month = 1; month <= 12; month++) {
    const rotated = nextReceiptKeys(secret, now + month * 30 * dayMs)
    expect(kidsOf(secret)).toContain(kidsOf(rotated)[0])
    expect(kidsOf(rotated)).toContain(kidsOf(secret)[0])
    expect(kidsOf(rotated)).toHaveLength(3)
    expect(() => parseReceiptKeys(rotated)).not.toThrow()
    secret = rotated
  }
})

test("an old key verifies for 14 days: as long as the log keeps a request, and seven more that we promise", () => {
  expect(retiredKeyLifeMs).toBe(14 * dayMs)
  const first = nextReceiptKeys("AsSecretsManagerFillsItAtFirst", now)
  const [oldest] = kidsOf(first)
  const second = nextReceiptKeys(first, now + dayMs)
  expect(kidsOf(nextReceiptKeys(second, now + dayMs + retiredKeyLifeMs - 1))).toContain(oldest)
  expect(kidsOf(nextReceiptKeys(second, now + dayMs + retiredKeyLifeMs))).not.toContain(oldest)
})

test("keys that do not verify the current receipts fail the test, and so does a broken pair", () => {
  const pending = (value: string) => ({ value, createdAtMs: now })
  const stranger = nextReceiptKeys("AsSecretsManagerFillsItAtFirst", now)
  expect(() => receiptKeysRotation.test(pending(nextReceiptKeys(byHand, now)), byHand)).not.toThrow()
  expect(() => receiptKeysRotation.test(pending(stranger), byHand)).toThrow("receipts that are signed now")
  const broken = JSON.stringify({ keys: [{ ...keyNamed("a"), x: keyNamed("b").x }] })
  expect(() => receiptKeysRotation.test(pending(broken), byHand)).toThrow()
})
