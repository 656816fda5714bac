import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Client, createClient } from "../../loadtest/rehearsal/client.ts"
import { createSaleManager } from "../../loadtest/rehearsal/manager.ts"
import { probeMachine } from "../../loadtest/rehearsal/probe.ts"
import type { Report } from "../../loadtest/rehearsal/report.ts"
import { peakFor } from "../../loadtest/rehearsal/size.ts"
import { localLogins } from "../../loadtest/rehearsal/tokens.ts"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import { pickPort } from "../../local/services/ports.ts"
import { bringUp, type Standing } from "../../local/supervisor/bring-up.ts"
import { privateFolder } from "../services/private-folder.ts"

const run = promisify(execFile)
const folder = privateFolder()
let url: string
let system: Standing
let client: Client

beforeAll(async () => {
  const httpPort = await pickPort(new Set())
  url = `http://127.0.0.1:${httpPort}`
  system = bringUp(folder, { brokers: 1, httpPort, gateways: 1, consumers: {}, takesTestHeaders: false })
  await system.ready
  client = createClient(url)
})
afterAll(async () => {
  await client.close()
  await system.stop()
})

/** The id and the status of every SKU that the catalogue shows. */
async function catalogue(): Promise<{ sku_id: string; status: string }[]> {
  const response = await fetch(`${url}/v1/skus?limit=100`)
  return ((await response.json()) as { items: { sku_id: string; status: string }[] }).items
}
const openSkus = async () => (await catalogue()).filter(({ status }) => status === "open").map(({ sku_id }) => sku_id)

/** Runs the rehearsal as `npm run rehearse` does. A failed check makes it throw. */
async function rehearsal(...args: string[]): Promise<{ printed: string; report: Report }> {
  const file = folder.path("rehearsal.json")
  const small = ["--shoppers", "60", "--stock", "5", "--hold", "2s", "--json", file]
  const command = [...nodeArguments("loadtest/rehearsal/main.ts"), ...small, ...args]
  const { stdout } = await run(process.execPath, command, { env: { ...plainEnvironment(), BASE_URL: url } })
  return { printed: stdout, report: JSON.parse(readFileSync(file, "utf8")) }
}

test("the probe leaves nothing behind: no open SKU, no hold, no queued request, every invariant holds", async () => {
  const logins = localLogins(client.send)
  const before = await openSkus()
  const name = "rehearsal-of-the-test"
  const probe = await probeMachine({
    ...{ name, logins, shoppers: client, managers: client, edge: true, seed: 1, holdSeconds: 20, rates: [40, 80] },
  })
  expect(probe.steps.length).toBeGreaterThanOrEqual(2)
  expect(probe.carriesPerSecond).toBeGreaterThan(0)
  expect(await openSkus()).toEqual(before)
  const admin = await logins.admin()
  const managerOf = (skuId: string) => createSaleManager(client.send, admin, { skuId, stock: 0, holdSeconds: 20 })
  for (const skuId of [`${name}-probe-some`, `${name}-probe-none`]) {
    const stats = await managerOf(skuId).stats()
    expect(stats).toMatchObject({ reserved: 0, waitlisted: 0, partition_backlog: 0 })
    expect(stats.sold > 0).toBe(skuId.endsWith("some"))
  }
  expect(await managerOf(`${name}-probe-some`).verify()).toMatchObject({ ok: true })
})

test("a rehearsal without a peak takes that of its probe, and the sale is as without one", async () => {
  const { printed, report } = await rehearsal()
  expect(report.probe?.carriesPerSecond).toBeGreaterThan(0)
  expect(report.options).toMatchObject({
    ...{ shoppers: 60, stock: 5, peakPerSecond: peakFor(report.probe?.carriesPerSecond ?? 0) },
  })
  expect(printed).toMatch(/^This machine carries .* requests a second; the peak is /m)
  expect(printed).toMatch(/NFR-1 [\s\S]*NFR-2 [\s\S]*NFR-3 [\s\S]*PASSED/)
  // The shoppers and the units of the probe are no part of the sale.
  expect(report.outcomes.shoppers).toBe(60)
  expect(report.units?.total).toBe(5)
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect((await openSkus()).filter((skuId) => skuId.startsWith("rehearsal"))).toEqual([])
})

test("a forced peak is used, and nothing is probed", async () => {
  const skusBefore = (await catalogue()).length
  const { printed, report } = await rehearsal("--peak", "123")
  expect(report.options.peakPerSecond).toBe(123)
  expect(report.probe).toBeUndefined()
  expect(printed).toContain("This machine was not probed; the peak is 123 arrivals a second.")
  expect(await catalogue()).toHaveLength(skusBefore + 1)
})
