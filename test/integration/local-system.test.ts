import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import { pickPort } from "../../local/services/ports.ts"
import { familyOf, identityOf } from "../../local/services/process-identity.ts"
import { type RunRecord, readRecords } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { readTopic } from "../sale/topic-records.ts"
import { privateFolder } from "../services/private-folder.ts"

const run = promisify(execFile)

/** A system as `npm start` runs it, from this source tree and with its own state folder. */
async function startSystem() {
  const folder = privateFolder()
  const httpPort = await pickPort(new Set())
  const env = { ...plainEnvironment(), FLASH_SALE_STATE_DIR: folder.dir }
  const command = (...args: string[]) => [...nodeArguments("local/main.ts"), ...args]
  const child = spawn(process.execPath, command("start", "--no-rehearsal", "--reset", "--port", String(httpPort)), { env })
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text))
  const exited = once(child, "exit") as Promise<[number | null]>
  await vi.waitUntil(() => printed.includes("ready after") || child.exitCode !== null, { timeout: 60_000, interval: 50 })
  return {
    folder,
    httpPort,
    child,
    exited,
    printed: () => printed,
    /** Another command of the same clone. */
    run: (...args: string[]) => run(process.execPath, command(...args), { env }),
    ops: (...args: string[]) =>
      run(process.execPath, ["--import", "./local/running-environment.ts", ...nodeArguments("ops/main.ts"), ...args], { env }),
  }
}
type RunningSystem = Awaited<ReturnType<typeof startSystem>>

let one: RunningSystem
let other: RunningSystem
beforeAll(async () => {
  ;[one, other] = await Promise.all([startSystem(), startSystem()])
})
afterAll(() => Promise.all([one, other].map((system) => system.run("stop"))))

const recordOf = (folder: StateFolder, part: string): RunRecord => {
  const record = readRecords(folder).find((candidate) => candidate.part === part)
  if (record === undefined) throw new Error(`There is no record of ${part}`)
  return record
}
/** Every process of a system, PostgreSQL's own children too. */
const processesOf = (folder: StateFolder) => [...new Set(readRecords(folder).flatMap(({ pid }) => familyOf(pid)))]
const alive = (pids: readonly number[]) => pids.filter((pid) => identityOf(pid) !== undefined)

test("two clones run at the same time, each on its own ports", async () => {
  const ports = [one, other].map(({ folder }) =>
    readRecords(folder)
      .filter(({ part }) => part !== "supervisor")
      .map(({ port }) => port),
  )
  expect(ports[0]).toHaveLength(11)
  expect(new Set(ports.flat()).size).toBe(22)
  for (const { httpPort } of [one, other]) {
    const response = await fetch(`http://127.0.0.1:${httpPort}/v1/skus`)
    expect(((await response.json()) as { items: unknown[] }).items).toHaveLength(10)
  }
})

test("a second start in the same folder is refused and changes nothing", async () => {
  // The records, not every process: PostgreSQL has one for each connection, and idle connections close.
  const before = readRecords(one.folder)
  const pids = before.map(({ pid }) => pid)
  await expect(one.run("start", "--port", "1")).rejects.toThrow(/already runs/)
  expect(readRecords(one.folder)).toEqual(before)
  expect(alive(pids)).toEqual(pids)
})

test("a paid order reaches its shopper by mail, an operator's list, and the warehouse's topic", async () => {
  const base = `http://127.0.0.1:${one.httpPort}`
  const call = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }
    const response = await fetch(`${base}${path}`, init)
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }
  const { body: session } = await call("/local/token", { sub: "grace" })
  expect(session.email).toMatch(/@shoppers\.flash-sale\.local$/)
  const token = (key: string) => ({ authorization: `Bearer ${session.access_token}`, "idempotency-key": key })
  const [sku] = ((await (await fetch(`${base}/v1/skus`)).json()) as { items: { sku_id: string; name: string }[] }).items
  const held = await call("/v1/reservations", { sku_id: sku?.sku_id, quantity: 1 }, token("key-of-grace"))
  expect(held.status).toBe(201)
  const id = held.body.reservation_id ?? ""
  const order = await call(`/v1/reservations/${id}/checkout`, { payment_method: "pm_card_visa" }, token("pay-of-grace"))
  expect(order.status).toBe(201)
  const folder = join(one.folder.dir, "mails")
  const mails = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))
  await vi.waitFor(() => expect(mails().filter((mail) => mail.includes(order.body.order_id ?? ""))).toHaveLength(1), 20_000)
  const [mail = ""] = mails().filter((one) => one.includes(order.body.order_id ?? ""))
  expect(mail).toContain(`To: ${session.email}`)
  const { stdout } = await one.ops("notices", "--reservation", id, "--json")
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ kind: "order-confirmed", state: "SENT", order_id: order.body.order_id }] })
  expect(stdout).not.toContain("@")
  const brokers = `127.0.0.1:${recordOf(one.folder, "kafka").port}`
  await vi.waitFor(async () => expect(await readTopic("orders-confirmed", brokers)).toHaveLength(1), {
    timeout: 10_000,
    interval: 500,
  })
  const [record = ""] = await readTopic("orders-confirmed", brokers)
  expect(JSON.parse(record)).toMatchObject({ event_type: "order.confirmed", order_id: order.body.order_id, reservation_id: id })
})

test.for(["gateway", "inventory-batch-writer", "redis", "postgres"])("%s restarts when it is killed", async (part) => {
  const { pid } = recordOf(one.folder, part)
  process.kill(pid, "SIGKILL")
  await vi.waitFor(() => expect(recordOf(one.folder, part)).toMatchObject({ state: "ready", restarts: 1 }), { timeout: 20_000 })
  expect(recordOf(one.folder, part).pid).not.toBe(pid)
})

test("Ctrl-C ends every process and leaves no record", async () => {
  const processes = processesOf(one.folder)
  expect(processes.length).toBeGreaterThan(9)
  one.child.kill("SIGINT")
  expect(await one.exited).toEqual([0, null])
  expect(alive(processes)).toEqual([])
  expect(readRecords(one.folder)).toEqual([])
})

test("`npm run status` lists the processes of a killed supervisor, and they end with `npm stop`", async () => {
  const processes = processesOf(other.folder)
  other.child.kill("SIGKILL")
  await other.exited
  expect(alive(processes).length).toBeGreaterThan(8)
  expect((await other.run("status")).stdout).toMatch(/kafka .* ready/)
  await other.run("stop")
  expect(alive(processes)).toEqual([])
})
