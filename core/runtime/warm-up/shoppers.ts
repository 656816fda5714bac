import { generateKeyPair, type KeyObject, randomUUID, sign } from "node:crypto"
import { promisify } from "node:util"
import { ownerOf } from "../../domain/ids.ts"
import type { Variables } from "../environment.ts"

const issuer = "https://warm-up.invalid"
const audience = "warm-up"
const tokenSeconds = 600
/** Trust of the rate limiter: a premium shopper. */
const tier = 4

/** A user who exists only in the warm-up of this process. */
export interface WarmUpUser {
  readonly userId: string
  readonly owner: number
}

/** A user who calls the API. To sign a token takes a millisecond, so users who only hold units have none. */
export interface WarmUpShopper extends WarmUpUser {
  readonly token: string
}

export const newUser = (): WarmUpUser => {
  const userId = randomUUID()
  return { userId, owner: ownerOf(userId) }
}

/** The issuer of a warm-up: its key leaves neither the process nor the warm-up. */
export interface WarmUpIssuer {
  /** The variables that make the functions accept its tokens, and no others. */
  readonly variables: Variables
  shoppers(count: number): Promise<readonly WarmUpShopper[]>
}

/** Makes an issuer with a new key (RS256, as the issuer of the shop). */
export async function createWarmUpIssuer(): Promise<WarmUpIssuer> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2_048 })
  const keyId = randomUUID()
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: keyId, alg: "RS256", use: "sig" }] }
  const header = encode({ alg: "RS256", typ: "JWT", kid: keyId })
  return {
    variables: {
      TOKEN_ISSUER: issuer,
      TOKEN_AUDIENCE: audience,
      TOKEN_JWKS_URI: `data:application/json,${encodeURIComponent(JSON.stringify(jwks))}`,
      TOKEN_KIND: "oidc",
    },
    shoppers: (count) => Promise.all(Array.from({ length: count }, () => createShopper(header, privateKey))),
  }
}

async function createShopper(header: string, key: KeyObject): Promise<WarmUpShopper> {
  const user = newUser()
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer, aud: audience, sub: user.userId, iat: now, exp: now + tokenSeconds, tier, account_created_at: 0 }
  const signed = `${header}.${encode(claims)}`
  const signature = await signInThreadPool("RSA-SHA256", Buffer.from(signed), key)
  return { ...user, token: `${signed}.${signature.toString("base64url")}` }
}

const signInThreadPool = promisify<string, Buffer, KeyObject, Buffer>(sign)

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
