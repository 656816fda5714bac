import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"
import * as z from "zod"
import { jsonOf } from "../../contracts/json.ts"

const PublicKey = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), kid: z.string().min(1), x: z.string() })
const OwnKey = PublicKey.extend({ d: z.string() })
/** The first key signs; those behind it only verify, and may have lost their private part. */
const Secret = z.object({ keys: z.tuple([OwnKey], PublicKey) })

/** The public half of a key, as anyone may read it. */
export interface PublicReceiptKey {
  readonly kty: "OKP"
  readonly crv: "Ed25519"
  readonly kid: string
  readonly x: string
  readonly alg: "EdDSA"
  readonly use: "sig"
}

export interface ReceiptKeys {
  /** The protected header of a new receipt, already encoded. */
  readonly header: string
  readonly signingKey: KeyObject
  /** Verifying keys by encoded header: a header that is not exactly one of ours needs no look at what it claims. */
  readonly verifyingKeys: ReadonlyMap<string, KeyObject>
  readonly published: readonly PublicReceiptKey[]
}

/**
 * Reads the keys of receipts. They are parsed again when the secret has changed.
 * @returns throws an Error when the secret is missing or malformed
 */
export function receiptKeysFrom(readSecret: () => Promise<string>): () => Promise<ReceiptKeys> {
  let current: { readonly secret: string; readonly keys: ReceiptKeys } | undefined
  return async () => {
    const secret = await readSecret()
    if (current?.secret !== secret) current = { secret, keys: parseReceiptKeys(secret) }
    return current.keys
  }
}

const encodedHeader = (kid: string): string => Buffer.from(JSON.stringify({ alg: "EdDSA", kid })).toString("base64url")

/** The keys in the text of the secret. @throws Error when it is malformed */
export function parseReceiptKeys(secret: string): ReceiptKeys {
  const parsed = Secret.safeParse(jsonOf(secret))
  // Neither the text nor the schema's complaint is repeated: both could show a key.
  if (!parsed.success) throw new Error("RECEIPT_KEYS is not a JWKS whose first key is a private Ed25519 key")
  const [first] = parsed.data.keys
  const published = parsed.data.keys.map(({ kty, crv, kid, x }) => ({ kty, crv, kid, x, alg: "EdDSA", use: "sig" }) as const)
  return {
    header: encodedHeader(first.kid),
    signingKey: createPrivateKey({ key: first, format: "jwk" }),
    verifyingKeys: verifyingKeysOf(published),
    published,
  }
}

/** Published keys by the header of what they sign. @throws Error when one is no Ed25519 key */
export const verifyingKeysOf = (published: readonly PublicReceiptKey[]): ReceiptKeys["verifyingKeys"] =>
  new Map(published.map((key) => [encodedHeader(key.kid), createPublicKey({ key: { ...key }, format: "jwk" })]))
