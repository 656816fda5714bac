import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { ElastiCacheClient } from "@aws-sdk/client-elasticache"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { secretTtlMs } from "../../../core/adapters/secrets-manager.ts"
import { cacheTokenRotation } from "../../../lambdas/secret-rotation/cache-token.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

const createdAtMs = Date.parse("2027-03-01T00:00:00Z")
const pending = { value: "the-new-token-of-the-cache", createdAtMs }
const looksUntilAvailable = 3

/** The group: it accepts two tokens at most, and each change is complete only after some reads. */
let group: { tokens: string[]; changing: string | undefined; changedAtMs: number; looksLeft: number }
let asked: string[]
let nowMs: number
let timeLeftMs: number

const server = createServer(async (request, response) => {
  const form = new URLSearchParams(await text(request))
  const action = form.get("Action") ?? ""
  response.setHeader("content-type", "text/xml")
  if (action === "ModifyReplicationGroup") {
    const [token = "", strategy = ""] = [form.get("AuthToken"), form.get("AuthTokenUpdateStrategy")].map((each) => each ?? "")
    asked.push(`${strategy} ${token}`)
    if (group.changing) {
      response.writeHead(400)
      return void response.end("<ErrorResponse><Error><Code>InvalidReplicationGroupState</Code></Error></ErrorResponse>")
    }
    const tokens = strategy === "SET" ? [token] : [...group.tokens, token].slice(-2)
    group = { tokens, changing: strategy === "SET" ? "SETTING" : "ROTATING", changedAtMs: nowMs, looksLeft: looksUntilAvailable }
  } else if (group.changing && group.looksLeft-- === 0) group.changing = undefined
  const member = `<ReplicationGroup><Status>${group.changing ? "modifying" : "available"}</Status>
    <PendingModifiedValues>${group.changing ? `<AuthTokenStatus>${group.changing}</AuthTokenStatus>` : ""}</PendingModifiedValues>
    <AuthTokenLastModifiedDate>${new Date(group.changedAtMs).toISOString()}</AuthTokenLastModifiedDate></ReplicationGroup>`
  const result = action.startsWith("Describe") ? `<ReplicationGroups>${member}</ReplicationGroups>` : member
  response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`)
})
let client: ElastiCacheClient

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  Object.assign(process.env, awsVariables)
  client = new ElastiCacheClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, maxAttempts: 1 })
})
beforeEach(() => {
  group = { tokens: ["old"], changing: undefined, changedAtMs: createdAtMs - 1_000, looksLeft: 0 }
  asked = []
  nowMs = createdAtMs + 5_000
  timeLeftMs = 900_000
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const waits: number[] = []
const rotation = () =>
  cacheTokenRotation(
    client,
    "sale",
    () => timeLeftMs,
    async (ms) => {
      waits.push(ms)
      nowMs += ms
      timeLeftMs -= ms
    },
  )

test("a token has only characters that ElastiCache accepts, and is never the same twice", () => {
  const { next } = rotation()
  expect(next("old")).toMatch(/^[A-Za-z0-9-]{64}$/)
  expect(next("old")).not.toBe(next("old"))
})

test("setSecret waits until the group accepts the new token beside the old one", async () => {
  await rotation().accept?.(pending)
  expect(group).toMatchObject({ tokens: ["old", pending.value], changing: undefined })
  await rotation().test(pending, "old")
})

test("a second setSecret does not rotate again: that would remove the token in use", async () => {
  await rotation().accept?.(pending)
  await rotation().accept?.(pending)
  expect(asked).toEqual([`ROTATE ${pending.value}`])
  expect(group.tokens).toContain("old")
})

test("setSecret fails when its time is over, and the next one waits for the same change", async () => {
  timeLeftMs = 35_000
  await expect(rotation().accept?.(pending)).rejects.toThrow("must be tried again")
  await expect(rotation().test(pending, "old")).rejects.toThrow("has not accepted")
  timeLeftMs = 900_000
  await rotation().accept?.(pending)
  expect(asked).toEqual([`ROTATE ${pending.value}`])
  await rotation().test(pending, "old")
})

test("while another change of the group is in progress, a rotation waits before it changes the group", async () => {
  group.changing = "SETTING"
  group.looksLeft = looksUntilAvailable
  await rotation().accept?.(pending)
  expect(asked).toEqual([`ROTATE ${pending.value}`])
})

test("testSecret fails when the group has not accepted the token", async () => {
  await expect(rotation().test(pending, "old")).rejects.toThrow("has not accepted")
})

test("the old token becomes invalid only after every function has read the new one", async () => {
  await rotation().accept?.(pending)
  waits.length = 0
  await rotation().retireOld?.(pending.value)
  expect(waits[0]).toBeGreaterThan(secretTtlMs)
  expect(group).toMatchObject({ tokens: [pending.value], changing: undefined })
  expect(asked).toEqual([`ROTATE ${pending.value}`, `SET ${pending.value}`])
})

test("a second finishSecret only waits while the group removes the old token", async () => {
  await rotation().accept?.(pending)
  group.changing = "SETTING"
  group.looksLeft = looksUntilAvailable
  await rotation().retireOld?.(pending.value)
  expect(asked).toEqual([`ROTATE ${pending.value}`])
  expect(group.changing).toBeUndefined()
})
