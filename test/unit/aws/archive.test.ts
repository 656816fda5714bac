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

test("requests are signed as in AWS's own example (S3 API reference, PUT Object)", async () => {
  const { authorization } = await createS3Signer("us-east-1", credentials)(
    new URL("https://examplebucket.s3.amazonaws.com/test%24file.text"),
    { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    "Welcome to Amazon S3.",
    new Date("2013-05-24T00:00:00Z"),
  )
  expect(authorization).toContain("SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,")
  expect(authorization).toContain("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
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
