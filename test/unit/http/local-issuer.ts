import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"

export const issuer = "https://issuer.test"
export const audience = "flash-sale"

/** An issuer of real tokens whose keys are served over real HTTP. It sets the environment of the functions. */
export async function givenIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: "issuer-1", alg: "RS256", use: "sig" }
  let reads = 0
  let answers = true
  const server = createServer((_request, response) => {
    reads += 1
    if (!answers) return response.writeHead(500).end()
    return response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  process.env.TOKEN_ISSUER = issuer
  process.env.TOKEN_AUDIENCE = audience
  process.env.TOKEN_JWKS_URI = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`

  return {
    jwk,
    privateKey,
    /** How often the keys were read. */
    reads: () => reads,
    goAway: () => {
      answers = false
    },
    comeBack: () => {
      answers = true
    },
    /** A valid token, unless claims or header make it invalid; `undefined` leaves a claim out. */
    token: (claims: JWTPayload = {}, header: { alg?: string; kid?: string } = {}) =>
      new SignJWT({ iss: issuer, aud: audience, sub: "alice", exp: Math.floor(Date.now() / 1_000) + 60, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: jwk.kid, ...header })
        .sign(privateKey),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
