import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createBucket, createS3Signer } from "../../../core/adapters/archive/bucket.ts"

interface Put {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly checksum: unknown
  readonly sessionToken: unknown
  readonly body: string
}

const puts: Put[] = []
let status = 200
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method, url, headers } = request
  const { "x-amz-checksum-sha256": checksum, "x-amz-security-token": sessionToken } = headers
  puts.push({ method, url, checksum, sessionToken, body: Buffer.concat(chunks).toString() })
  response.writeHead(status).end("AccessDenied")
})
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)))
beforeEach(() => {
  status = 200
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
const putHeads = (sessionToken?: string) =>
  createBucket({
    bucket: "archive",
    region: "us-east-1",
    address: address(),
    credentials: { ...credentials, ...(sessionToken !== undefined && { sessionToken }) },
  })("heads.json", "{}")

const signed = async (method: string, path: string, headers: Record<string, string>, body: string) => {
  const url = new URL(path, "https://examplebucket.s3.amazonaws.com")
  const at = new Date("2013-05-24T00:00:00Z")
  return (await createS3Signer("us-east-1", credentials)({ method, url, headers, body }, at)).authorization
}

test("requests are signed as in AWS's own example (S3 API reference, GET Object)", async () => {
  const authorization = await signed("GET", "/test.txt", { range: "bytes=0-9" }, "")
  expect(authorization).toContain("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,")
  expect(authorization).toContain("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
})

// AWS's example of PUT also signs a Date header, which the signer replaces by x-amz-date. This signature is of the same request
// without that header. It comes from an implementation that reproduces AWS's example.
test("a body and a path with an escaped character are signed as S3 requires (S3 API reference, PUT Object)", async () => {
  const headers = { "x-amz-storage-class": "REDUCED_REDUNDANCY" }
  const authorization = await signed("PUT", "/test%24file.text", headers, "Welcome to Amazon S3.")
  expect(authorization).toContain("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,")
  expect(authorization).toContain("Signature=1ee3a9a719bf9cd67d34043a52b3d1f8b674e378dc99c0748019b43f49b5b9bb")
})

test("an object is sent with the checksum that object lock requires, and with the token of the session", async () => {
  await putHeads("the-session")
  const checksum = createHash("sha256").update("{}").digest("base64")
  expect(puts).toEqual([{ method: "PUT", url: "/heads.json", checksum, sessionToken: "the-session", body: "{}" }])
})

test("a refusal shows the status and the answer of S3", async () => {
  status = 403
  await expect(putHeads()).rejects.toThrow("S3 answered 403: AccessDenied")
})
