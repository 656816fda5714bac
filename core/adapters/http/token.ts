import { JwksValidationError } from "aws-jwt-verify/error"
import { SimpleJwksCache } from "aws-jwt-verify/jwk"
import { validateJwtFields } from "aws-jwt-verify/jwt"
import type { tokenKinds } from "../../contracts/environment.ts"
import { ProblemError as Problem, type ProblemError, problem } from "../../contracts/problems.ts"
import { ownerOf, userIdOf } from "../../domain/ids.ts"
import type { Claims } from "./claims.ts"
import { checkCognito, fromCognito } from "./cognito.ts"
import { createSignatureCheck } from "./signed-token.ts"
import { rememberTokens } from "./verified-tokens.ts"

/** The caller: from the token only, never from another part of the request. */
export interface Caller {
  readonly userId: string
  /** 32 bits of the user's id, as refused reservations keep them. */
  readonly owner: number
  readonly issuer: string
  /** Trust of the rate limiter: 1 suspected, 2 new, 3 verified, 4 premium. */
  readonly tier: 1 | 2 | 3 | 4
  readonly scopes: ReadonlySet<string>
  /** When the account was made; undefined where the issuer does not say. */
  readonly accountCreatedAtMs?: number
}

/** The issuer whose tokens are accepted. With Cognito the audience is the ids of its app clients, comma-separated. */
export interface TokenConfig {
  readonly TOKEN_ISSUER: string
  readonly TOKEN_AUDIENCE: string
  readonly TOKEN_JWKS_URI: string
  readonly TOKEN_KIND?: (typeof tokenKinds)[number] | undefined
}

/** Accepted difference between the issuer's clock and ours. */
const clockLeewaySeconds = 5
const jwksTimeoutMs = 2_000
const maxSubjectLength = 255
/** Verified tokens in memory: to verify takes about 30 us, and a look-up almost nothing. 0.9 kB each, 45 MB when full. */
const maxCachedTokens = 50_000

const tierNames = ["suspected", "new", "verified", "premium"]
const tiers = [1, 2, 3, 4] as const
const defaultTier = 2
/** The scopes of a shopper: none. Tens of thousands of callers share this one set. */
const noScopes: ReadonlySet<string> = new Set()

export interface TokenVerifier {
  /** The caller of a token that is verified already and still valid. */
  known(token: string): Caller | undefined
  /** @throws ProblemError unauthorized, or temporarily-unavailable when the issuer's keys cannot be read */
  verify(token: string): Promise<Caller>
  /** Reads the issuer's keys before the first token. @throws ProblemError temporarily-unavailable */
  readKeys(): Promise<void>
}

/** Verifies access tokens (RS256) of one issuer. It reads the keys once, and again when a token names another key. */
export function createTokenVerifier(config: TokenConfig, maxTokens = maxCachedTokens): TokenVerifier {
  const isCognito = config.TOKEN_KIND === "cognito"
  const clientIds = config.TOKEN_AUDIENCE.split(",")
  const rules = {
    issuer: config.TOKEN_ISSUER,
    audience: isCognito ? null : config.TOKEN_AUDIENCE,
    graceSeconds: clockLeewaySeconds,
  }
  const jwks = new SimpleJwksCache({ fetcher: { fetch: fetchJwks } })
  const checkSignature = createSignatureCheck(config.TOKEN_JWKS_URI, jwks)
  const verified = rememberTokens<Caller>(maxTokens)

  /** @throws the library's errors */
  const verifiedClaims = async (token: string) => {
    const { payload } = await checkSignature(token)
    validateJwtFields(payload, rules)
    if (isCognito) checkCognito(payload, clientIds)
    return payload
  }

  return {
    known: (token) => verified.get(token),
    async verify(token) {
      const claims = await verifiedClaims(token).catch((error: unknown) => {
        throw refusal(error)
      })
      const caller = callerOf(isCognito ? fromCognito(claims) : claims)
      if (caller === undefined || claims.exp === undefined) throw unauthorized("The token lacks a claim.")
      verified.keep(token, caller, claims.exp * 1_000)
      return caller
    },
    async readKeys() {
      await jwks.getJwks(config.TOKEN_JWKS_URI)
    },
  }
}

/** A 401 with the challenge of RFC 6750. */
export const unauthorized = (detail: string, cause?: unknown): ProblemError =>
  problem("unauthorized", { detail, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }, cause)

/** A token is invalid, unless the issuer's keys could not be read: then its validity is not known. */
function refusal(error: unknown): ProblemError {
  if (error instanceof Problem) return error
  if (error instanceof JwksValidationError) return problem("temporarily-unavailable", {}, error)
  return unauthorized("The token is not valid, or no longer.", error)
}

async function fetchJwks(uri: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(uri, { signal: AbortSignal.timeout(jwksTimeoutMs) })
    if (!response.ok) throw new Error(`The issuer's keys answered ${response.status}`)
    return await response.arrayBuffer()
  } catch (error) {
    throw problem("temporarily-unavailable", {}, error)
  }
}

function callerOf({ iss, sub, tier, scope, account_created_at: createdAt }: Claims): Caller | undefined {
  if (iss === undefined || typeof sub !== "string" || sub === "" || sub.length > maxSubjectLength) return undefined
  const userId = userIdOf(iss, sub)
  return {
    userId,
    owner: ownerOf(userId),
    issuer: iss,
    tier: tierOf(tier),
    scopes: typeof scope === "string" && scope !== "" ? new Set(scope.split(" ").filter(Boolean)) : noScopes,
    ...(typeof createdAt === "number" && { accountCreatedAtMs: createdAt * 1_000 }),
  }
}

/** A tier by number or by name. A token without a valid tier counts as new. */
const tierOf = (claim: unknown): Caller["tier"] =>
  tiers.find((tier) => claim === tier || claim === String(tier) || claim === tierNames[tier - 1]) ?? defaultTier
