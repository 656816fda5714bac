import { type JWTPayload, SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createTokenVerifier, type TokenVerifier } from "../../../core/adapters/http/token.ts"
import { givenIssuer, issuer as issuerName } from "../http/local-issuer.ts"

let issuer: Awaited<ReturnType<typeof givenIssuer>>
let verifier: TokenVerifier

beforeAll(async () => {
  issuer = await givenIssuer()
  verifier = createTokenVerifier({
    TOKEN_ISSUER: issuerName,
    TOKEN_AUDIENCE: "storefront,partners",
    TOKEN_JWKS_URI: process.env.TOKEN_JWKS_URI ?? "",
    TOKEN_KIND: "cognito",
  })
})
afterAll(() => issuer.close())

/** An access token as Cognito makes it: it names the app client, and no audience. */
const accessToken = (claims: JWTPayload) =>
  new SignJWT({ iss: issuerName, sub: "alice", token_use: "access", client_id: "storefront", ...claims })
    .setProtectedHeader({ alg: "RS256", kid: issuer.jwk.kid })
    .setExpirationTime("1m")
    .sign(issuer.privateKey)

const verify = async (claims: JWTPayload = {}) => verifier.verify(await accessToken(claims))

describe("a Cognito token", () => {
  test.each(["storefront", "partners"])("of the app client %s is accepted", async (client_id) => {
    expect(await verify({ client_id })).toMatchObject({ tier: 2, issuer: issuerName })
  })
  test.each([
    ["of another app client", { client_id: "elsewhere" }],
    ["of no app client", { client_id: undefined }],
    ["that is an identity token", { token_use: "id", aud: "storefront" }],
    ["of another issuer", { iss: "https://elsewhere" }],
  ])("%s is refused", async (_, claims) => {
    await expect(verify(claims)).rejects.toThrow("unauthorized")
  })
})

describe("groups and scopes", () => {
  test.each([
    [["premium"], 4],
    [["verified", "premium"], 3],
    [["premium", "suspected"], 1],
    [["sale-operators"], 2],
    [["unknown"], 2],
    ["premium", 2],
    [undefined, 2],
  ])("the groups %j mean tier %i", async (groups, tier) => {
    expect(await verify({ "cognito:groups": groups })).toMatchObject({ tier })
  })
  test("a group grants its scopes", async () => {
    const { scopes } = await verify({ "cognito:groups": ["sale-operators", "batch-sellers"] })
    expect([...scopes].sort()).toEqual(["reservations:batch", "sales:admin"])
  })
  test("a scope counts only with our resource server before it", async () => {
    const { scopes } = await verify({ scope: "openid sales:admin other/sales:admin flash-sale/reservations:batch" })
    expect([...scopes]).toEqual(["reservations:batch"])
  })
  test("a tier in the token itself is ignored", async () => {
    expect(await verify({ tier: 4 })).toMatchObject({ tier: 2 })
  })
})
