import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto"
import { tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer } from "../../local/identity/issuer.ts"

/** The tokens that callers may send. The first ones are not signed by our issuer. */
export const badTokens = [
  "none",
  "no token",
  "expired",
  "bad signature",
  "changed claims",
  "alg none",
  "HS256 swap",
  "another key",
  "wrong issuer",
  "wrong audience",
] as const
export const goodTokens = ["other shopper", "batch scope", "admin scope", "shopper"] as const
export type TokenKind = (typeof badTokens)[number] | (typeof goodTokens)[number]

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
const decode = (part = "") => JSON.parse(Buffer.from(part, "base64url").toString())

/** The Authorization header of each kind of token; undefined for none. The bad ones name the same shopper, with every scope. */
export async function authorisations(stateDir: string, owner: string): Promise<Record<TokenKind, string | undefined>> {
  const issuerNamed = (issuer: string, audience: string) => openIssuer({ stateDir, issuer, audience })
  const ours = await issuerNamed(tokenIssuer, tokenAudience)
  const mighty = { sub: owner, scope: "sales:admin reservations:batch", tier: 4 }
  const good = await ours.sign(mighty)
  const [header = "", payload = "", signature = ""] = good.split(".")
  const { kid } = decode(header)
  const [jwk] = ours.jwks.keys
  const pem = createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ type: "spki", format: "pem" })
  const hmac = `${encode({ alg: "HS256", typ: "JWT", kid })}.${payload}`
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey
  const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`

  const tokens: Record<Exclude<TokenKind, "none">, string> = {
    "no token": "not.a.token",
    expired: await ours.sign({ ...mighty, expiresInSeconds: -60 }),
    "bad signature": `${header}.${payload}.${flipped}`,
    "changed claims": `${header}.${encode({ ...decode(payload), sub: "mallory" })}.${signature}`,
    "alg none": `${encode({ alg: "none", typ: "JWT", kid })}.${payload}.`,
    "HS256 swap": `${hmac}.${createHmac("sha256", pem).update(hmac).digest("base64url")}`,
    "another key": `${header}.${payload}.${sign("sha256", Buffer.from(`${header}.${payload}`), stranger).toString("base64url")}`,
    "wrong issuer": await (await issuerNamed("https://elsewhere.test", tokenAudience)).sign(mighty),
    "wrong audience": await (await issuerNamed(tokenIssuer, "another-api")).sign(mighty),
    "other shopper": await ours.sign({ sub: "somebody-else", tier: 4 }),
    "batch scope": await ours.sign({ sub: "a-partner", scope: "reservations:batch", tier: 4 }),
    "admin scope": await ours.sign({ sub: "an-operator", scope: "sales:admin", tier: 4 }),
    shopper: await ours.sign({ sub: owner, tier: 4 }),
  }
  return {
    none: undefined,
    ...Object.fromEntries(Object.entries(tokens).map(([kind, token]) => [kind, `Bearer ${token}`])),
  } as Record<TokenKind, string | undefined>
}
