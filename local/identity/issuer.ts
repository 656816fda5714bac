import { randomUUID } from "node:crypto"
import { importJWK, type JSONWebKeySet, SignJWT } from "jose"
import { loadSigningKey, signingAlgorithm } from "./signing-key.ts"

/** The subject of a token and what the token allows. */
export interface TokenRequest {
  readonly sub: string
  /** Separated by spaces. */
  readonly scope?: string | undefined
  /** 1 suspected, 2 new, 3 verified, 4 premium. */
  readonly tier?: number | undefined
  readonly expiresInSeconds?: number | undefined
  /** The age of the account. Without it the token does not name an age. */
  readonly accountAgeSeconds?: number | undefined
}

export const defaultTokenSeconds = 3_600

/** Takes the place of the identity provider of a deployed stage. */
export interface Issuer {
  /** An access token, signed with RS256. A negative lifetime creates an expired token. */
  sign(request: TokenRequest): Promise<string>
  /** Its name, of which user ids are made. */
  readonly name: string
  /** The public half of the key. */
  readonly jwks: JSONWebKeySet
}

export interface IssuerOptions {
  readonly stateDir: string
  readonly issuer: string
  readonly audience: string
}

/** Opens the issuer whose key is in the state folder. The tokens of all processes that open it are equally valid. */
export async function openIssuer({ stateDir, issuer, audience }: IssuerOptions): Promise<Issuer> {
  const key = await loadSigningKey(stateDir)
  const { kty, n, e, kid, alg, use } = key
  const privateKey = await importJWK(key, signingAlgorithm)
  return {
    name: issuer,
    jwks: { keys: [{ kty, n, e, kid, alg, use }] } as JSONWebKeySet,
    sign({ sub, scope, tier, expiresInSeconds = defaultTokenSeconds, accountAgeSeconds }) {
      const nowSeconds = Math.floor(Date.now() / 1_000)
      const claims = {
        ...(scope !== undefined && { scope }),
        ...(tier !== undefined && { tier }),
        ...(accountAgeSeconds !== undefined && { account_created_at: nowSeconds - accountAgeSeconds }),
      }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: signingAlgorithm, kid, typ: "JWT" } as { alg: string })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(sub)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + expiresInSeconds)
        .setJti(randomUUID())
        .sign(privateKey)
    },
  }
}
