import * as z from "zod"

/** GET /.well-known/receipt-keys.json (RFC 7517): the first key signs, the others signed receipts that are still in use. */
export const ReceiptKeySet = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal("OKP"),
        crv: z.literal("Ed25519"),
        kid: z.string(),
        x: z.string(),
        alg: z.literal("EdDSA"),
        use: z.literal("sig"),
      }),
    ),
  })
  .meta({ id: "ReceiptKeySet" })
