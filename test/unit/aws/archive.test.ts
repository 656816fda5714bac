import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createBucket } from "../../../core/adapters/archive/bucket.ts"
import { signedHeaders } from "../../../core/adapters/archive/signature.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

interface Put {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly checksum: unknown
  readonly body: string
}

const puts: Put[] = []
let status = 200
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method, url, headers } = request
  puts.push({ method, url, checksum: headers["x-amz-checksum-sha256"], body: Buffer.concat(chunks).toString() })
  response.writeHead(status).end("AccessDenied")
})
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)))
beforeEach(() => {
  Object.assign(process.env, awsVariables)
  status = 200
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

test("requests are signed as in AWS's own example (S3 API reference, PUT Object)", () => {
  const { authorization } = signedHeaders(
    {
      method: "PUT",
      url: new URL("https://examplebucket.s3.amazonaws.com/test%24file.text"),
      headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      body: "Welcome to Amazon S3.",
    },
    {
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
      region: "us-east-1",
      at: new Date("2013-05-24T00:00:00Z"),
    },
  )
  expect(authorization).toContain("SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,")
  expect(authorization).toContain("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
})

test("an object goes with the checksum that object lock asks for", async () => {
  await createBucket("archive", address())("heads.json", "{}")
  const checksum = createHash("sha256").update("{}").digest("base64")
  expect(puts).toEqual([{ method: "PUT", url: "/heads.json", checksum, body: "{}" }])
})

test("a refusal is told with what S3 said", async () => {
  status = 403
  await expect(createBucket("archive", address())("heads.json", "{}")).rejects.toThrow("S3 answered 403: AccessDenied")
})
