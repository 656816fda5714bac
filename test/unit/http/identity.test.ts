import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto"
import { type JWTPayload, SignJWT } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { endpoint, type HttpHandler } from "../../../core/adapters/http/handler.ts"
import { createTokenVerifier, type TokenVerifier } from "../../../core/adapters/http/token.ts"
import { ownerOf, userIdOf } from "../../../core/domain/ids.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { call } from "./call.ts"
import { audience, givenIssuer, issuer as issuerName } from "./local-issuer.ts"

let issuer: Awaited<ReturnType<typeof givenIssuer>>
let handler: HttpHandler

beforeAll(async () => {
  issuer = await givenIssuer()
})
beforeEach(() => {
  vi.useRealTimers()
  handler = httpHandler({
    "GET /v1/orders": endpoint({}, async ({ caller }) => ({ status: 200, body: { ...caller, scopes: [...caller.scopes] } })),
    "GET /v1/admin/verify": endpoint({}, async () => ({ status: 200, body: {} })),
  })
})
afterAll(() => issuer.close())

const asks = (authorization?: string, route = "GET /v1/orders") =>
  call(handler, route, { headers: authorization === undefined ? {} : { authorization } })
const asksWith = async (claims: JWTPayload, route?: string) => asks(`Bearer ${await issuer.token(claims)}`, route)

const nowSeconds = () => Math.floor(Date.now() / 1_000)
const unauthorized = { status: 401, body: expect.objectContaining({ type: "/problems/unauthorized" }) }
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
const claims = () => ({ iss: issuerName, aud: audience, sub: "alice", exp: nowSeconds() + 60 })

describe("the token identifies the caller", () => {
  test("by issuer and subject", async () => {
    const userId = userIdOf(issuerName, "alice")
    expect(await asksWith({ scope: "a b" })).toMatchObject({
      status: 200,
      body: { userId, owner: ownerOf(userId), issuer: issuerName, tier: 2, scopes: ["a", "b"] },
    })
  })
  test("a subject that is a UUID is the user id, in lower case", async () => {
    const sub = "0F8FAD5B-D9CB-469F-A165-70867728950E"
    expect(await asksWith({ sub })).toMatchObject({ body: { userId: sub.toLowerCase() } })
  })
  test.each([
    [1, 1],
    [4, 4],
    ["3", 3],
    ["suspected", 1],
    ["new", 2],
    ["verified", 3],
    ["premium", 4],
    [undefined, 2],
    [0, 2],
    [5, 2],
    [2.5, 2],
    ["vip", 2],
    [null, 2],
    [["4"], 2],
  ])("tier %j is tier %i", async (tier, expected) => {
    expect(await asksWith({ tier })).toMatchObject({ body: { tier: expected } })
  })
  test("the scheme may have any upper and lower case", async () => {
    expect(await asks(`bearer ${await issuer.token()}`)).toMatchObject({ status: 200 })
  })
})

describe("a request without a valid token is unauthorized", () => {
  test("none, with a challenge", async () => {
    expect(await asks()).toMatchObject({ ...unauthorized, headers: { "www-authenticate": "Bearer" } })
  })
  test.each(["", "Bearer", "Bearer ", "Basic YWxpY2U6", "Bearer a b", "Bearer a", "Bearer a.b.c", "Bearer ...", "Bearer é.é.é"])(
    "%j",
    async (authorization) => {
      expect(await asks(authorization)).toMatchObject({
        ...unauthorized,
        headers: { "www-authenticate": expect.stringMatching("^Bearer") },
      })
    },
  )
  test.each([
    ["expired", { exp: nowSeconds() - 60 }],
    ["without an end", { exp: undefined }],
    ["not yet valid", { nbf: nowSeconds() + 60 }],
    ["of another issuer", { iss: "https://other.test" }],
    ["without an issuer", { iss: undefined }],
    ["for another audience", { aud: "other" }],
    ["for no audience", { aud: undefined }],
    ["without a subject", { sub: undefined }],
    ["with an empty subject", { sub: "" }],
    ["with a subject too long", { sub: "s".repeat(256) }],
  ])("one %s", async (_case, wrong) => {
    expect(await asksWith(wrong as JWTPayload)).toMatchObject(unauthorized)
  })
  test("one whose subject is not text", async () => {
    expect(await asksWith({ sub: 7 } as unknown as JWTPayload)).toMatchObject(unauthorized)
  })
  test("one with a changed claim", async () => {
    const [header, , signature] = (await issuer.token()).split(".")
    expect(await asks(`Bearer ${header}.${encode({ ...claims(), sub: "mallory" })}.${signature}`)).toMatchObject(unauthorized)
  })
  test("alg none", async () => {
    for (const alg of ["none", "None", "nOnE"]) {
      const forged = `${encode({ alg, kid: issuer.jwk.kid })}.${encode(claims())}`
      expect(await asks(`Bearer ${forged}.`)).toMatchObject(unauthorized)
    }
  })
  test("HS256 with the public key as the secret", async () => {
    const secret = createPublicKey({ key: issuer.jwk, format: "jwk" }).export({ type: "spki", format: "pem" })
    const signed = `${encode({ alg: "HS256", kid: issuer.jwk.kid })}.${encode(claims())}`
    const forged = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`
    expect(await asks(`Bearer ${forged}`)).toMatchObject(unauthorized)
  })
  test("signed by another key under the same name", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 })
    const forged = new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: issuer.jwk.kid })
    expect(await asks(`Bearer ${await forged.sign(privateKey)}`)).toMatchObject(unauthorized)
  })
  test("signed by an unknown key, which is looked up once and not each time", async () => {
    const unknown = await issuer.token({}, { kid: "issuer-2" })
    expect(await asks(`Bearer ${unknown}`)).toMatchObject(unauthorized)
    const readsBefore = issuer.reads()
    expect(await asks(`Bearer ${unknown}`)).toMatchObject(unauthorized)
    expect(issuer.reads()).toBe(readsBefore)
  })
})

describe("a scope that the route requires", () => {
  test("missing is insufficient-scope", async () => {
    expect(await asksWith({ scope: "sales:read sales:administrator" }, "GET /v1/admin/verify")).toMatchObject({
      status: 403,
      body: { type: "/problems/insufficient-scope" },
      headers: { "www-authenticate": expect.stringContaining("sales:admin") },
    })
  })
  test("present grants access", async () => {
    expect(await asksWith({ scope: "sales:read sales:admin" }, "GET /v1/admin/verify")).toMatchObject({ status: 200 })
  })
})

test("while the issuer's keys cannot be read at a cold start, the answer is temporarily-unavailable and not unauthorized", async () => {
  issuer.goAway()
  expect(await asksWith({})).toMatchObject({
    status: 503,
    body: { type: "/problems/temporarily-unavailable" },
    headers: { "retry-after": "1" },
  })
  issuer.comeBack()
  expect(await asksWith({})).toMatchObject({ status: 200 })
})

test("once they are read, the issuer may be unavailable", async () => {
  await asksWith({})
  issuer.goAway()
  expect(await asksWith({ sub: "bob" })).toMatchObject({ status: 200 })
  issuer.comeBack()
})

describe("a verified token is cached", () => {
  let verifier: TokenVerifier
  beforeEach(() => {
    const { TOKEN_JWKS_URI = "" } = process.env
    verifier = createTokenVerifier({ TOKEN_ISSUER: issuerName, TOKEN_AUDIENCE: audience, TOKEN_JWKS_URI }, 2)
  })

  test("until it expires and not longer", async () => {
    const token = await issuer.token()
    expect(verifier.known(token)).toBeUndefined()
    const caller = await verifier.verify(token)
    expect(verifier.known(token)).toBe(caller)
    vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ["Date"] })
    expect(verifier.known(token)).toBeUndefined()
    await expect(asks(`Bearer ${token}`)).resolves.toMatchObject({ status: 200 }) // 5 s of leeway between the clocks
    vi.setSystemTime(Date.now() + 10_000)
    expect(await asks(`Bearer ${token}`)).toMatchObject(unauthorized)
  })

  test("unless newer tokens have filled the cache since", async () => {
    const [first, second, third] = [
      await issuer.token({ sub: "1" }),
      await issuer.token({ sub: "2" }),
      await issuer.token({ sub: "3" }),
    ]
    await verifier.verify(first)
    await verifier.verify(second)
    expect(verifier.known(first)).toBeDefined()
    await verifier.verify(third)
    expect(verifier.known(second)).toBeUndefined()
    expect(verifier.known(first)).toBeDefined()
    expect(verifier.known(third)).toBeDefined()
  })
})
