import { generateKeyPairSync, randomUUID, sign, verify } from "node:crypto"
import * as z from "zod"
import { parseReceiptKeys } from "../../core/adapters/receipts/keys.ts"
import { topics } from "../../core/contracts/topics.ts"
import { parseSecret } from "./secret-json.ts"
import type { Rotation } from "./workflow.ts"

const dayMs = 24 * 60 * 60 * 1_000
/** What is promised of old public keys, counted from the last moment at which a receipt of theirs may still be needed. */
const promisedMs = 7 * dayMs

/**
 * How long a key verifies after its last signature. A receipt is shown for a request that nobody but the log knows of, so for as long as
 * the log keeps requests; then as long as is promised.
 */
export const retiredKeyLifeMs = topics.reservationRequests.retentionMs + promisedMs

const Key = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string().min(1),
  x: z.string(),
  d: z.string().optional(),
  /** Since when it no longer signs. */
  retired_at: z.iso.datetime().optional(),
})
const Secret = z.object({ keys: z.array(Key).min(1) })
type Key = z.output<typeof Key>

/** The keys that sign receipts. Only our own functions and whoever fetches the public ones need to know: nobody is told. */
export const receiptKeysRotation: Rotation = {
  next: (current) => nextReceiptKeys(current, Date.now()),
  test({ value }, current) {
    const { header, signingKey, verifyingKeys } = parseReceiptKeys(value)
    const probe = Buffer.from(header)
    const verifying = verifyingKeys.get(header)
    if (!verifying || !verify(null, probe, verifying, sign(null, probe, signingKey))) {
      throw new Error("What the new RECEIPT_KEYS sign, they do not verify")
    }
    if (isFilled(current) && !verifyingKeys.has(parseReceiptKeys(current).header)) {
      throw new Error("The new RECEIPT_KEYS do not verify the receipts of today")
    }
  },
}

/**
 * The keys after a rotation, in their order: who signs, who signs next, who only verifies. The next signer is published a whole rotation
 * before its first receipt, so that neither a function nor the edge ever sees a receipt of a key it has not heard of.
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

/** Without its private part nobody can sign with it any more. */
const retire = ({ kty, crv, kid, x, retired_at }: Key, nowMs: number) => ({
  kty,
  crv,
  kid,
  x,
  retired_at: retired_at ?? new Date(nowMs).toISOString(),
})

const newKey = (): Key => Key.parse({ ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }), kid: randomUUID() })
