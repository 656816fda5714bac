import { generateKeyPairSync, sign, verify } from "node:crypto"
import { SimpleJwksCache } from "aws-jwt-verify/jwk"
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from "jose"
import { beforeAll, describe, expect, test } from "vitest"
import { createSignatureCheck } from "../../../core/adapters/http/signed-token.ts"

const uri = "https://issuer.test/jwks.json"
let signer: GenerateKeyPairResult

beforeAll(async () => {
  signer = await generateKeyPair("RS256", { extractable: true })
})

/** The check of an issuer that publishes this key under the name `k`. */
function checkWith(jwk: object) {
  let reads = 0
  const fetcher = {
    fetch: async () => {
      reads += 1
      return new TextEncoder().encode(JSON.stringify({ keys: [{ ...jwk, kid: "k" }] })).buffer as ArrayBuffer
    },
  }
  return { check: createSignatureCheck(uri, new SimpleJwksCache({ fetcher })), reads: () => reads }
}

const publicJwk = () => exportJWK(signer.publicKey)
const token = (alg = "RS256", key: Parameters<SignJWT["sign"]>[0] = signer.privateKey) =>
  new SignJWT({ sub: "alice" }).setProtectedHeader({ alg, kid: "k" }).sign(key)

test("a token of the issuer gives its claims, and the keys are read once", async () => {
  const { check, reads } = checkWith({ ...(await publicJwk()), alg: "RS256", use: "sig" })
  for (let n = 0; n < 3; n += 1) expect((await check(await token())).payload).toMatchObject({ sub: "alice" })
  expect(reads()).toBe(1)
})

describe("a key is used only for what it is made for:", () => {
  test.each([
    ["a key of another algorithm", { alg: "RS512" }],
    ["a key for encryption", { use: "enc" }],
  ])("%s verifies nothing", async (_case, wrong) => {
    const { check } = checkWith({ ...(await publicJwk()), ...wrong })
    await expect(check(await token())).rejects.toThrow()
  })

  test("a key of an elliptic curve does not verify a token that names RS256", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const { check } = checkWith(publicKey.export({ format: "jwk" }))
    await expect(check(await token())).rejects.toThrow("The key is not for RS256")
  })

  test("a signature of an elliptic curve that names RS256 is refused, although Node alone would accept it", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const signed = `${part({ alg: "RS256", kid: "k" })}.${part({ sub: "alice" })}`
    const signature = sign("RSA-SHA256", Buffer.from(signed), privateKey)
    expect(verify("RSA-SHA256", Buffer.from(signed), publicKey, signature)).toBe(true)
    const { check } = checkWith(publicKey.export({ format: "jwk" }))
    await expect(check(`${signed}.${signature.toString("base64url")}`)).rejects.toThrow("The key is not for RS256")
  })

  test.each(["RS384", "RS512", "PS256"])("a valid signature with %s is refused", async (alg) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 })
    const { check } = checkWith(publicKey.export({ format: "jwk" }))
    await expect(check(await token(alg, privateKey))).rejects.toThrow("Tokens are signed with RS256")
  })
})
