import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider"
import { afterEach, describe, expect, test } from "vitest"
import { productNames } from "../../../core/adapters/catalogue/product-names.ts"
import { cachedAddresses } from "../../../core/adapters/identity/cached-addresses.ts"
import { cognitoAddresses } from "../../../core/adapters/identity/cognito-users.ts"
import { type LocalServer, localServer } from "../../services/local-server.ts"

let server: LocalServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** Cognito's own client in front of a server that answers as Cognito does. */
async function askCognito(status: number, answer: object) {
  let asked: unknown
  server = await localServer((request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on("end", () => {
      asked = [request.headers["x-amz-target"], JSON.parse(body)]
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" })
      response.end(JSON.stringify(answer))
    })
  })
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const client = new CognitoIdentityProviderClient({ endpoint: server.url, region: "eu-central-1", credentials, maxAttempts: 1 })
  const addressee = await cognitoAddresses(client, "pool-1")("9d0a1c2e-0000-4000-8000-000000000001")
  return { addressee, asked }
}

const user = (attributes: Record<string, string>, more: object = {}) => ({
  Username: "9d0a1c2e-0000-4000-8000-000000000001",
  Enabled: true,
  UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  ...more,
})
const verified = { email: "grace@shoppers.test", email_verified: "true" }

describe("an address from Cognito", () => {
  test("is found by the user id, with the language and the zone that the shopper chose", async () => {
    const { addressee, asked } = await askCognito(200, user({ ...verified, locale: "de-AT", zoneinfo: "Europe/Vienna" }))
    expect(addressee).toEqual({ address: "grace@shoppers.test", language: "de", zone: "Europe/Vienna" })
    expect(asked).toEqual([
      "AWSCognitoIdentityProviderService.AdminGetUser",
      { UserPoolId: "pool-1", Username: "9d0a1c2e-0000-4000-8000-000000000001" },
    ])
  })

  test.each([
    [
      { ...verified, locale: "fr" },
      { address: verified.email, language: "en" },
    ],
    [
      { ...verified, zoneinfo: "Mars/Olympus" },
      { address: verified.email, language: "en" },
    ],
    [
      { ...verified, locale: "DE_de" },
      { address: verified.email, language: "de" },
    ],
    [{ email: verified.email }, undefined],
    [{ email: verified.email, email_verified: "false" }, undefined],
    [{}, undefined],
  ])("of %j is %j", async (attributes, expected) => {
    expect((await askCognito(200, user(attributes as Record<string, string>))).addressee).toEqual(expected)
  })

  test("of a disabled user, or of one that the pool does not know, is none", async () => {
    expect((await askCognito(200, user(verified, { Enabled: false }))).addressee).toBeUndefined()
    await server?.close()
    expect(
      (await askCognito(400, { __type: "UserNotFoundException", message: "User does not exist." })).addressee,
    ).toBeUndefined()
  })

  test.each([
    [400, "TooManyRequestsException"],
    [400, "NotAuthorizedException"],
    [500, "InternalErrorException"],
  ])("that cannot be found out now (%i %s) is an error, and not none", async (status, __type) => {
    await expect(askCognito(status, { __type, message: "" })).rejects.toThrow()
  })
})

describe("kept addresses", () => {
  const addressOf = (userId: string) => ({ address: `${userId}@shoppers.test`, language: "en" as const })

  test("are read once for concurrent notices, and again after five minutes", async () => {
    let [reads, nowMs] = [0, 0]
    const find = cachedAddresses(
      async (userId) => {
        reads += 1
        return userId === "without" ? undefined : addressOf(userId)
      },
      () => nowMs,
    )
    expect(await Promise.all([find("a"), find("a"), find("without")])).toEqual([addressOf("a"), addressOf("a"), undefined])
    expect(await find("without")).toBeUndefined()
    expect(reads).toBe(2)
    nowMs = 5 * 60_000
    await find("a")
    expect(reads).toBe(3)
  })

  test("are at most 10,000, and a failure is not kept", async () => {
    const reads: string[] = []
    let isDown = true
    const find = cachedAddresses(async (userId) => {
      reads.push(userId)
      if (isDown) throw new Error("no answer")
      return addressOf(userId)
    })
    await expect(find("fails")).rejects.toThrow("no answer")
    isDown = false
    expect(await find("fails")).toEqual(addressOf("fails"))
    for (let n = 0; n < 10_000; n += 1) await find(`user-${n}`)
    reads.length = 0
    await find("user-9999")
    await find("fails")
    expect(reads).toEqual(["fails"])
  })
})

describe("the name of a product", () => {
  test("is read once, kept during an outage, and is the id of the SKU when it was never read", async () => {
    let [isUp, requests, nowMs] = [true, 0, 0]
    server = await localServer((request, response) => {
      requests += 1
      response.statusCode = isUp ? 200 : 503
      response.end(JSON.stringify({ name: request.url === "/v1/skus/bag" ? "Canvas bag" : "" }))
    })
    const nameOf = productNames(server.url, () => nowMs)
    expect(await Promise.all([nameOf("bag"), nameOf("bag")])).toEqual(["Canvas bag", "Canvas bag"])
    expect(requests).toBe(1)
    isUp = false
    nowMs += 600_000
    expect(await nameOf("bag")).toBe("Canvas bag")
    expect(await nameOf("other")).toBe("other")
    expect(await nameOf("other")).toBe("other")
    expect(requests).toBe(3)
    isUp = true
    nowMs += 10_000
    expect(await nameOf("bag")).toBe("Canvas bag")
    // An answer without a name is none.
    expect(await nameOf("other")).toBe("other")
  })
})
