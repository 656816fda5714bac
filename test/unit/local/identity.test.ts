import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ProblemError } from "../../../core/contracts/problems.ts"
import { userIdOf } from "../../../core/domain/ids.ts"
import { openIssuer } from "../../../local/identity/issuer.ts"
import { localShopper } from "../../../local/identity/shoppers.ts"
import { identityRoutes } from "../../../local/identity/token-route.ts"

const names = { issuer: "https://identity.flash-sale.local", audience: "flash-sale" }
let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "identity-"))
})
afterEach(() => rm(stateDir, { recursive: true }))

const issuerHere = () => openIssuer({ stateDir, ...names })

test("a token has the requested claims and verifies with the published key", async () => {
  const { sign, jwks } = await issuerHere()
  const token = await sign({ sub: "alice", scope: "sales:admin reservations:batch", tier: 3, expiresInSeconds: 60 })
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), names)
  expect(payload).toMatchObject({
    iss: names.issuer,
    aud: names.audience,
    sub: "alice",
    scope: "sales:admin reservations:batch",
    tier: 3,
  })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
  expect(payload.jti).toMatch(/./)
})

test("claims that were not requested are absent", async () => {
  const { sign, jwks } = await issuerHere()
  const { payload } = await jwtVerify(await sign({ sub: "bob" }), createLocalJWKSet(jwks), names)
  expect(Object.keys(payload).sort()).toEqual(["aud", "exp", "iat", "iss", "jti", "sub"])
})

test("only the public half of the key is published", async () => {
  const { jwks } = await issuerHere()
  expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"])
})

test("the key survives a restart, only its owner can read it, and processes that start together agree on one", async () => {
  const [first, second] = await Promise.all([issuerHere(), issuerHere()])
  const third = await issuerHere()
  expect(second.jwks).toEqual(first.jwks)
  expect(third.jwks).toEqual(first.jwks)
  const path = join(stateDir, "identity-key.json")
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(path, "utf8"))).toHaveProperty("d")
})

const askForToken = async (body: string | Buffer) => {
  const route = identityRoutes(await issuerHere()).find(({ path }) => path === "/local/token")
  return route?.answer(Buffer.from(body))
}

test("POST /local/token answers with a bearer token", async () => {
  const answer = await askForToken('{"sub":"alice"}')
  expect(answer?.statusCode).toBe(200)
  expect(JSON.parse(String(answer?.body))).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 3_600,
    // Where the shopper gets their notices, and how they read.
    ...localShopper(userIdOf(names.issuer, "alice")),
  })
})

/** The tier in the token of the answer. */
const tierOf = (token: string): unknown => decodeJwt(token).tier

test.each([
  ["suspected", 1],
  ["new", 2],
  ["verified", 3],
  ["premium", 4],
])("POST /local/token accepts the tier %s by its name and by its number %i", async (name, number) => {
  for (const tier of [name, number]) {
    const answer = await askForToken(JSON.stringify({ sub: "alice", tier }))
    expect(tierOf(JSON.parse(String(answer?.body)).access_token)).toBe(number)
  }
})

test("npm run token accepts a tier by its name or its number, and nothing else", async () => {
  const print = (tier: string) =>
    promisify(execFile)(process.execPath, ["local/token.ts", "--user", "alice", "--tier", tier], {
      env: { PATH: process.env.PATH, LOCAL_STATE_DIR: stateDir },
    })
  const printed = await Promise.allSettled(["premium", "4", "gold"].map(print))
  const outcomes = printed.map((run) => (run.status === "fulfilled" ? tierOf(run.value.stdout.trim()) : run.reason.message))
  expect(outcomes).toEqual([4, 4, expect.stringContaining("It must be 1, 2, 3, 4 or suspected, new, verified, premium.")])
}, 60_000)

test.each([
  ["{}", "validation-failed"],
  ['{"sub":""}', "validation-failed"],
  ['{"sub":"a","tier":5}', "validation-failed"],
  ['{"sub":"a","tier":0}', "validation-failed"],
  ['{"sub":"a","tier":2.5}', "validation-failed"],
  ['{"sub":"a","tier":"1"}', "validation-failed"],
  ['{"sub":"a","tier":"Premium"}', "validation-failed"],
  ['{"sub":"a","tier":"sale-operators"}', "validation-failed"],
  ['{"sub":"a","tier":null}', "validation-failed"],
  ['{"sub":"a","admin":true}', "validation-failed"],
  ['{"sub":"a","expires_in_seconds":0}', "validation-failed"],
  ["", "malformed-json"],
  ["{", "malformed-json"],
  [Buffer.from([0xff]), "malformed-json"],
])("POST /local/token refuses %s with %s", async (body, slug) => {
  const refused = await askForToken(body).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ProblemError)
  expect(refused).toHaveProperty("slug", slug)
})
