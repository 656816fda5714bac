import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseReceiptKeys } from "../../core/adapters/receipts/keys.ts"
import { receipts } from "../../core/runtime/receipts.ts"
import { nextReceiptKeys } from "../../lambdas/secret-rotation/receipt-keys.ts"
import { judgeReceipt, receiptExitCodes } from "../../ops/receipt.ts"
import { runOps } from "../sale/running-sale.ts"

const facts = {
  reservationId: "0f8fad5b-d9cb-569f-a165-70867728950e",
  partition: 3,
  offset: 123_456,
  owner: -12_345,
  skuId: "sku-001",
  quantity: 2,
}
const dayMs = 24 * 60 * 60 * 1_000
const begunMs = Date.parse("2026-11-01T00:00:00Z")
const secrets = [nextReceiptKeys("AsSecretsManagerFillsItAtFirst", begunMs)]
for (const day of [30, 43, 60]) secrets.push(nextReceiptKeys(secrets.at(-1) ?? "", begunMs + day * dayMs))
const publishedBy = (secret = "") => ({ keys: [...parseReceiptKeys(secret).published] })

const folder = mkdtempSync(join(tmpdir(), "receipt-keys-"))
let receipt = ""
/** Key sets: at the signing; after a rotation; 13 days later; after the key was dropped. */
const saved = secrets.map((secret, index) => {
  const file = join(folder, `keys-${index}.json`)
  writeFileSync(file, JSON.stringify(publishedBy(secret)))
  return file
})
const [first = "", rotated = "", later = "", dropped = ""] = saved

beforeAll(async () => {
  process.env.RECEIPT_KEYS = secrets[0]
  receipt = await receipts.sign(facts)
})
afterAll(() => rmSync(folder, { recursive: true }))

const verify = (text: string, ...args: string[]) => runOps(["receipt", "verify", text, ...args], {})

describe("a receipt is verified from a saved file alone", () => {
  test("and shows the position of the request in the queue", async () => {
    const { exitCode, output } = await verify(receipt, "--keys", first)
    expect(exitCode).toBe(receiptExitCodes.valid)
    for (const part of [
      "valid",
      "offset 123456",
      "partition 3",
      facts.reservationId,
      "sku-001, 2",
      publishedBy(secrets[0]).keys[0]?.kid,
    ]) {
      expect(output).toContain(part)
    }
  })

  test("in JSON for programs", async () => {
    const { output } = await runOps(["--json", "receipt", "verify", receipt, "--keys", first], {})
    expect(JSON.parse(output)).toEqual({
      verdict: "valid",
      key_id: publishedBy(secrets[0]).keys[0]?.kid,
      reservation_id: facts.reservationId,
      partition: 3,
      generation: 1,
      offset: 123_456,
      sku_id: "sku-001",
      quantity: 2,
    })
  })

  test("a changed receipt is forged", async () => {
    const [header, payload = "", signature] = receipt.split(".")
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
    const better = Buffer.from(JSON.stringify({ ...claims, offset: 0 })).toString("base64url")
    const { exitCode, output } = await verify(`${header}.${better}.${signature}`, "--keys", first)
    expect([exitCode, output]).toEqual([receiptExitCodes.forged, expect.stringContaining("has not signed")])
    expect(await verify("no.receipt", "--keys", first)).toMatchObject({ exitCode: receiptExitCodes.forged })
  })

  test("keys that cannot be read have an exit code of their own, not that of a forgery", async () => {
    const empty = join(folder, "empty.json")
    writeFileSync(empty, '{"keys":[{"kty":"RSA"}]}')
    for (const keys of [join(folder, "nowhere.json"), empty, "http://127.0.0.1:9/keys.json"]) {
      expect(await verify(receipt, "--keys", keys)).toMatchObject({ exitCode: receiptExitCodes["no-keys"] })
    }
    expect(await verify(receipt)).toMatchObject({
      exitCode: receiptExitCodes["no-keys"],
      output: expect.stringContaining("--keys"),
    })
  })
})

test("the keys can be read from the URL that publishes them", async () => {
  const server = createServer((_, response) => response.end(JSON.stringify(publishedBy(secrets[0]))))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await verify(receipt, "--keys", `${url}/keys.json`)).toMatchObject({ exitCode: 0 })
  const here = await runOps(["receipt", "verify", receipt], { FLASH_SALE_URL: url })
  server.close()
  expect(here.exitCode).toBe(0)
})

describe("after rotations of the keys", () => {
  test("an old receipt stays valid while its key is published, and a new receipt is signed with the next key", async () => {
    expect(await verify(receipt, "--keys", rotated)).toMatchObject({ exitCode: 0 })
    expect(await verify(receipt, "--keys", later)).toMatchObject({ exitCode: 0 })
    process.env.RECEIPT_KEYS = secrets[1]
    const younger = await receipts.sign(facts)
    const [older, newer] = [
      await judgeReceipt(receipt, publishedBy(secrets[1])),
      await judgeReceipt(younger, await publishedNow()),
    ]
    expect([older.verdict, newer.verdict]).toEqual(["valid", "valid"])
    expect(older.keyId).not.toBe(newer.keyId)
    // A key set that was saved before the rotation holds the next signing key already.
    expect(await judgeReceipt(younger, publishedBy(secrets[0]))).toMatchObject({ verdict: "valid" })
  })

  test("a receipt with an expired key is not called forged, and a key set that was saved in time still verifies it", async () => {
    const { exitCode, output } = await verify(receipt, "--keys", dropped)
    expect([exitCode, output]).toEqual([receiptExitCodes["unknown-key"], expect.stringContaining("expired")])
    expect(await verify(receipt, "--keys", first)).toMatchObject({ exitCode: 0 })
  })
})

async function publishedNow() {
  return { keys: [...(await receipts.publicKeys()).keys] }
}

test("no text causes an exception, and only the receipt is valid", async () => {
  const stranger = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })
  const keys = [...publishedBy(secrets[0]).keys, { ...stranger, kid: "stranger", alg: "EdDSA", use: "sig" }]
  const keySet = { keys } as Parameters<typeof judgeReceipt>[1]
  const part = fc.oneof(fc.constantFrom(...receipt.split(".")), fc.base64String(), fc.string({ unit: "binary" }))
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(part, { maxLength: 4 }).map((parts) => parts.join(".")),
      ),
      async (text) => {
        expect((await judgeReceipt(text, keySet)).verdict === "valid").toBe(text === receipt)
      },
    ),
    { numRuns: 300 },
  )
})
