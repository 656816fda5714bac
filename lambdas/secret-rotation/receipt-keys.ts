import { generateKeyPairSync, randomUUID, sign, verify } from "node:crypto"
import * as z from "zod"
import { parseReceiptKeys } from "../../core/adapters/receipts/keys.ts"
import { topics } from "../../core/contracts/topics.ts"
import { parseSecret } from "./secret-json.ts"
import type { Rotation } from "./workflow.ts"

const dayMs = 24 * 60 * 60 * 1_000
/** How long we promise to publish an old public key, after the last moment at which one of its receipts may be needed. */
const promisedMs = 7 * dayMs

/**
 * How long a key verifies after its last signature. A receipt proves a request that only the log knows, so a key lasts as long
 * as the log keeps requests, and then as long as we promise.
 */
export const retiredKeyLifeMs = topics.reservationRequests.retentionMs + promisedMs

const Key = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string().min(1),
  x: z.string(),
  d: z.string().optional(),
  /** When it stopped signing. */
  retired_at: z.iso.datetime().optional(),
})
const Secret = z.object({ keys: z.array(Key).min(1) })
type Key = z.output<typeof Key>

/** The keys that sign receipts. Functions read the secret and clients fetch the public keys, so no service has to be informed. */
export const receiptKeysRotation: Rotation = {
  next: (current) => nextReceiptKeys(current, Date.now()),
  test({ value }, current) {
    const { header, signingKey, verifyingKeys } = parseReceiptKeys(value)
    const probe = Buffer.from(header)
    const verifying = verifyingKeys.get(header)
    if (!verifying || !verify(null, probe, verifying, sign(null, probe, signingKey))) {
      throw new Error("The new RECEIPT_KEYS do not verify their own signature")
    }
    if (isFilled(current) && !verifyingKeys.has(parseReceiptKeys(current).header)) {
      throw new Error("The new RECEIPT_KEYS do not verify the receipts that are signed now")
    }
  },
}

/**
 * The keys after a rotation, in order: the key that signs, the key that signs next, and the keys that only verify. The next
 * signer is published a whole rotation before its first receipt, so that no function and no edge cache meets a receipt of an
 * unknown key.
 */
export function nextReceiptKeys(secret: string, nowMs: number): string {
  const [signer, ...others] = isFilled(secret) ? parseSecret("RECEIPT_KEYS", Secret, secret).keys : []
  const next = others.find(({ d, retired_at }) => d !== undefined && retired_at === undefined)
  const old = [signer, ...others].filter((key) => key !== undefined && key !== next) as Key[]
  const retired = old.map((key) => retire(key, nowMs)).filter((key) => Date.parse(key.retired_at) + retiredKeyLifeMs > nowMs)
  return JSON.stringify({ keys: [next ?? newKey(), newKey(), ...retired] })
}

/** Secrets Manager fills a new secret with random letters and digits. */
const isFilled = (secret: string): boolean => secret.startsWith("{")

/** Removes the private part: the key can no longer sign. */
const retire = ({ kty, crv, kid, x, retired_at }: Key, nowMs: number) => ({
  kty,
  crv,
  kid,
  x,
  retired_at: retired_at ?? new Date(nowMs).toISOString(),
})

const newKey = (): Key => Key.parse({ ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }), kid: randomUUID() })
