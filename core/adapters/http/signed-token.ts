import { createPublicKey, type KeyObject, verify } from "node:crypto"
import { JwtInvalidSignatureAlgorithmError, JwtInvalidSignatureError } from "aws-jwt-verify/error"
import { assertIsSignatureJwk, type Jwk, type JwksCache } from "aws-jwt-verify/jwk"
import { type DecomposedJwt, decomposeUnverifiedJwt } from "aws-jwt-verify/jwt"

/** The one algorithm of this API's tokens: `none`, or HMAC with the public key as its secret, must never verify. */
const algorithm = "RS256"

/** The header and the claims of a token whose signature is verified; its claims are not. */
type SignedToken = Pick<DecomposedJwt, "header" | "payload">

/**
 * Verifies the signatures of tokens with the keys of an issuer. It takes 0.7 of the time of the verifier of aws-jwt-verify: Node
 * throws and catches two errors for each key that is wrapped in an object, as that verifier passes it. Parsing, the cache of the
 * keys and the checks of a key remain the library's (docs/adr/0034-the-key-itself-not-the-librarys-verifier.md).
 */
export function createSignatureCheck(jwksUri: string, jwks: JwksCache): (token: string) => Promise<SignedToken> {
  const publicKeys = new WeakMap<Jwk, KeyObject>()

  const publicKeyOf = (jwk: Jwk): KeyObject => {
    const known = publicKeys.get(jwk)
    if (known !== undefined) return known
    const key = rsaKey(jwk)
    publicKeys.set(jwk, key)
    return key
  }

  return async (token) => {
    const jwt = decomposeUnverifiedJwt(token)
    const key = publicKeyOf(await jwks.getJwk(jwksUri, jwt))
    const { alg } = jwt.header
    if (alg !== algorithm) throw new JwtInvalidSignatureAlgorithmError(`Tokens are signed with ${algorithm}`, alg, algorithm)
    const signed = Buffer.from(`${jwt.headerB64}.${jwt.payloadB64}`)
    if (!verify("RSA-SHA256", signed, key, Buffer.from(jwt.signatureB64, "base64url"))) {
      throw new JwtInvalidSignatureError("Invalid signature")
    }
    return jwt
  }
}

/** @throws Error when the key is not for signatures of our algorithm: a key of another kind would verify by its own rules */
function rsaKey(jwk: Jwk): KeyObject {
  assertIsSignatureJwk(jwk)
  if (jwk.kty !== "RSA" || (jwk.alg !== undefined && jwk.alg !== algorithm)) {
    throw new JwtInvalidSignatureAlgorithmError(`The key is not for ${algorithm}`, jwk.alg ?? jwk.kty, algorithm)
  }
  return createPublicKey({ key: jwk, format: "jwk" })
}
