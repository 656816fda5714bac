import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createPaymentProvider, type SimulatedProvider } from "../../../local/payment-provider/server.ts"

let folder: string
let provider: SimulatedProvider
let url: string

async function start(more: { callsPerSecond?: number; latencyMs?: number } = {}): Promise<void> {
  provider = createPaymentProvider({ journalPath: join(folder, "journal.jsonl"), latencyMs: 0, ...more })
  url = `http://127.0.0.1:${await provider.listen(0)}`
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provider-"))
})
afterEach(async () => {
  await provider.close()
  await rm(folder, { recursive: true })
})

async function post(path: string, key: string, fields: Record<string, string> = {}) {
  const headers = { authorization: "Bearer sk_test", "idempotency-key": key }
  const response = await fetch(`${url}/v1/${path}`, { method: "POST", headers, body: new URLSearchParams(fields) })
  const body = (await response.json()) as { id?: string; error?: { type: string; code?: string; param?: string } }
  return { status: response.status, replayed: response.headers.get("idempotent-replayed") === "true", body }
}
const pay = (method: string, key: string, more: Record<string, string> = {}) =>
  post("payment_intents", key, {
    ...{ amount: "500", currency: "eur", payment_method: method, confirm: "true", capture_method: "manual" },
    ...more,
  })

test("a failure is recorded under its key and repeated; another key is served", async () => {
  await start()
  const { body } = await pay("sim_capture_error", "key-1")
  const path = `payment_intents/${body.id}/capture`
  expect(await post(path, "capture-1")).toMatchObject({ status: 500, replayed: false, body: { error: { type: "api_error" } } })
  expect(await post(path, "capture-1")).toMatchObject({ status: 500, replayed: true })
  expect(await post(path, "capture-2")).toMatchObject({ status: 200, replayed: false })
})

test("a conflict occurs in both of its forms", async () => {
  await start({ latencyMs: 200 })
  const answers = await Promise.all(Array.from({ length: 3 }, () => pay("pm_card_visa", "key-1")))
  const conflicts = answers.filter(({ status }) => status === 409).map(({ body }) => body.error?.type)
  expect(conflicts.sort()).toEqual(["idempotency_error", "invalid_request_error"])
})

test("calls over the rate limit are refused, and nothing is recorded under their keys", async () => {
  await start({ callsPerSecond: 2 })
  await Promise.all([pay("pm_card_visa", "key-1"), pay("pm_card_visa", "key-2")])
  expect(await pay("pm_card_visa", "key-3")).toMatchObject({ status: 429, body: { error: { code: "rate_limit" } } })
  await expect.poll(async () => (await pay("pm_card_visa", "key-3")).status, { timeout: 5_000 }).toBe(200)
})

test.each([
  ["an amount that is too small", { amount: "20" }, "amount"],
  ["an amount that is no multiple of the currency's step", { amount: "1234", currency: "kwd" }, "amount"],
  ["a currency that it does not charge in", { currency: "xyz" }, "currency"],
])("%s is refused, and not recorded", async (_, fields, param) => {
  await start()
  for (let times = 0; times < 2; times += 1) {
    expect(await pay("pm_card_visa", "key-1", fields)).toMatchObject({ status: 400, replayed: false, body: { error: { param } } })
  }
})
