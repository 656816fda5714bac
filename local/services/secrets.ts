import { generateKeyPairSync, randomBytes } from "node:crypto"
import { z } from "zod"

/** What Secrets Manager keeps on AWS. */
export const Secrets = z.object({
  /** Of PostgreSQL's superuser, who owns the schema and migrates it. */
  databaseOwnerPassword: z.string().min(1),
  /** Of the login the functions use. */
  databasePassword: z.string().min(1),
  paymentApiKey: z.string().min(1),
  /** What the payment provider signs its calls with. */
  paymentWebhookSecret: z.string().min(1),
  /** The JWKS whose first key signs receipts. */
  receiptKeys: z.string().min(1),
})
export type Secrets = z.infer<typeof Secrets>

const passwordBytes = 24
const keyIdBytes = 6

/** Secrets for a new state folder, all random. */
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
