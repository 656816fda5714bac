import { generateKeyPairSync, randomBytes } from "node:crypto"
import { z } from "zod"

/** The secrets that Secrets Manager keeps on AWS. */
export const Secrets = z.object({
  /** The password of PostgreSQL's superuser, which owns the schema and migrates it. */
  databaseOwnerPassword: z.string().min(1),
  /** The password of the login that the functions use. */
  databasePassword: z.string().min(1),
  paymentApiKey: z.string().min(1),
  /** The payment provider signs its calls with it. */
  paymentWebhookSecret: z.string().min(1),
  /** The JWKS whose first key signs receipts. */
  receiptKeys: z.string().min(1),
})
export type Secrets = z.infer<typeof Secrets>

const passwordBytes = 24
const keyIdBytes = 6

/** Random secrets for a new state folder. */
export const generateSecrets = (): Secrets => ({
  databaseOwnerPassword: randomBytes(passwordBytes).toString("base64url"),
  databasePassword: randomBytes(passwordBytes).toString("base64url"),
  paymentApiKey: `sk_test_${randomBytes(passwordBytes).toString("hex")}`,
  paymentWebhookSecret: `whsec_${randomBytes(passwordBytes).toString("hex")}`,
  receiptKeys: JSON.stringify({ keys: [receiptKey()] }),
})

function receiptKey() {
  const { privateKey } = generateKeyPairSync("ed25519")
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(keyIdBytes).toString("hex"), alg: "EdDSA", use: "sig" }
}
