import { execFile, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import type { Span } from "../../core/contracts/spans.ts"
import type { Group } from "../../core/contracts/streams.ts"
import { produceAndWatch } from "../../loadtest/streams/produce.ts"
import { systemEnvironment } from "../../local/environment.ts"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import { pickPort } from "../../local/services/ports.ts"
import { familyOf, identityOf } from "../../local/services/process-identity.ts"
import { type RunRecord, readRecords } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import type { ReplayReport } from "../../ops/replay.ts"
import { moveTwice } from "../sale/moving-generations.ts"
import { otherCommands, runbookHeadings } from "../sale/runbook.ts"
import { givenOperator, type OperatorWithRunbook } from "../sale/runbook-walk.ts"
import { readTopic } from "../sale/topic-records.ts"
import { privateFolder } from "../services/private-folder.ts"

const run = promisify(execFile)

/** A system as `npm start` runs it, from this source tree and with its own state folder. */
async function startSystem() {
  const folder = privateFolder()
  const httpPort = await pickPort(new Set())
  const env = { ...plainEnvironment(), FLASH_SALE_STATE_DIR: folder.dir }
  const command = (...args: string[]) => [...nodeArguments("local/main.ts"), ...args]
  const ops = (...args: string[]) => ["--import", "./local/running-environment.ts", ...nodeArguments("ops/main.ts"), ...args]
  const child = spawn(process.execPath, command("start", "--no-rehearsal", "--reset", "--port", String(httpPort)), { env })
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text))
  const exited = once(child, "exit") as Promise<[number | null]>
  await vi.waitUntil(() => printed.includes("ready after") || child.exitCode !== null, { timeout: 60_000, interval: 50 })
  if (child.exitCode !== null) throw new Error(`The system ended at its start:\n${printed}`)
  return {
    folder,
    httpPort,
    child,
    exited,
    printed: () => printed,
    /** Another command of the same clone. */
    run: (...args: string[]) => run(process.execPath, command(...args), { env }),
    /** A command of the operators. */
    ops: (...args: string[]) => run(process.execPath, ops(...args), { env }),
    /** The same, to be killed. */
    spawnOps: (...args: string[]) => spawn(process.execPath, ops(...args), { env }),
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
  const parts = [
    "kafka",
    "postgres",
    "redis",
    "payment-provider",
    "mail-server",
    "scheduler",
    "gateway",
    "alarms",
    ...groupNames(),
  ].length
  expect(ports[0]).toHaveLength(parts)
  expect(new Set(ports.flat()).size).toBe(2 * parts)
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

/** Reserves one unit of a SKU in a trace of its own. @returns the ids of the reservation and of the trace */
async function reserveTraced({ httpPort }: RunningSystem, skuId: string): Promise<{ id: string; traceId: string }> {
  const url = `http://127.0.0.1:${httpPort}`
  const post = async (path: string, headers: Record<string, string>, body: unknown) => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }
    return (await (await fetch(`${url}${path}`, init)).json()) as Record<string, string>
  }
  const { access_token: token } = await post("/local/token", {}, { sub: randomUUID() })
  const traceId = randomUUID().replaceAll("-", "")
  const headers = {
    authorization: `Bearer ${token}`,
    "idempotency-key": randomUUID(),
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  }
  const { reservation_id: id = "" } = await post("/v1/reservations", headers, { sku_id: skuId, quantity: 1 })
  return { id, traceId }
}

/** The spans of a reservation, each as the path of its ancestors' names, once the trace is as long as expected. */
async function traceOf(system: RunningSystem, id: string, length: number): Promise<{ paths: string[]; traces: Set<string> }> {
  const spans = await vi.waitFor(
    async () => {
      const read = JSON.parse((await system.ops("--json", "trace", id)).stdout) as Span[]
      expect(read.length).toBeGreaterThanOrEqual(length)
      return read
    },
    { timeout: 15_000, interval: 200 },
  )
  const byId = new Map(spans.map((span) => [span.span_id, span]))
  const pathOf = ({ part, name, parent_id }: Span): string => {
    const parent = byId.get(parent_id)
    return `${parent ? `${pathOf(parent)} > ` : ""}${part} ${name}`
  }
  return { paths: spans.map(pathOf).sort(), traces: new Set(spans.map(({ trace_id }) => trace_id)) }
}

const entry = "gateway POST /v1/reservations"
const published = `${entry} > scheduler publish reservation.created`
/** The parts of every traced reservation. */
const always = [
  ...[entry, `${entry} > gateway admit`, published],
  ...groupNames("reservationEvents").map((group) => `${published} > ${group} apply reservation.created`),
]

test("a traced reservation is one trace: request, queue, writer, Redis, answer, event, and the consumers of the event", async () => {
  const { id, traceId } = await reserveTraced(one, "sku-001")
  const expected = [
    ...always,
    ...["gateway produce", "gateway wait for the decision"].map((span) => `${entry} > ${span}`),
    ...["wait in the queue", "decide", "show in Redis"].map((span) => `${entry} > inventory-batch-writer ${span}`),
  ]
  const { paths, traces } = await traceOf(one, id, expected.length)
  expect(paths).toEqual(expected.sort())
  expect([...traces]).toEqual([traceId])
  expect((await one.ops("trace", id)).stdout).toMatch(/\+0\.0 ms +[\d.]+ ms +gateway +POST \/v1\/reservations/)
})

test("so is a reservation that is decided directly", async () => {
  await one.ops("mode", "direct", "sku-003")
  const { id, traceId } = await reserveTraced(one, "sku-003")
  const expected = [...always, `${entry} > gateway decide`, `${entry} > gateway show in Redis`]
  const { paths, traces } = await traceOf(one, id, expected.length)
  expect(paths).toEqual(expected.sort())
  expect([...traces]).toEqual([traceId])
})

describe("a replay through the command line", () => {
  const replay = ["replay", "--group", "event-reactor", "--to", "earliest"]
  /** What a group has committed, by partition; and what its supervisor says about its consumers. */
  const shown = async (): Promise<Group> => {
    const { groups } = JSON.parse((await one.ops("--json", "groups", "event-reactor")).stdout) as { groups: [Group] }
    return groups[0]
  }
  const isRead = ({ topics }: Group) => topics.flatMap(({ partitions }) => partitions).every(({ lag }) => lag === 0)

  test("is refused while consumers run, and shows what it would do", async () => {
    await expect(one.ops(...replay)).rejects.toThrow("--restart")
    expect((await one.ops(...replay, "--dry-run")).stdout).toMatch(
      /It reads \d+ records again\.\nSafe: every reaction reads PostgreSQL/,
    )
    expect(await shown()).toMatchObject({ consumers: "running", members: [{}] })
  })

  test("that is killed half way leaves the consumers stopped, which is shown, and the next one completes it", async () => {
    await vi.waitFor(async () => expect(isRead(await shown())).toBe(true), { timeout: 10_000 })
    const killed = one.spawnOps(...replay, "--restart")
    await new Promise<void>((resolve) => killed.stderr.on("data", (text) => String(text).includes("stop") && resolve()))
    killed.kill("SIGKILL")
    await vi.waitFor(async () => expect((await one.run("status")).stdout).toMatch(/event-reactor +- +stopped by an operator/), {
      timeout: 10_000,
    })
    expect((await one.ops("groups")).stdout).toContain("npm run ops -- consumers start event-reactor")
    const { stdout, stderr } = await one.ops(...replay, "--restart")
    expect(stdout).toMatch(/event-reactor has caught up after [\d.]+ s\./)
    expect(stderr).toContain("event-reactor reads reservation-events from the new offsets")
    expect(await shown()).toMatchObject({ consumers: "running", members: [{}] })
    expect(isRead(await shown())).toBe(true)
  })

  test("of analytics, after orders that a slowed consumer was behind with, gives identical totals", async () => {
    const environment = systemEnvironment(one.folder, one.httpPort)
    const deps = { folder: one.folder, environment, say: () => {} }
    const moments = await produceAndWatch(deps, { orders: 1_000, slow: "analytics", delayMs: 1_000 })
    const [worst, last] = [Math.max(...moments.map(({ lags }) => lags.analytics ?? 0)), moments.at(-1)]
    expect(worst).toBeGreaterThanOrEqual(500)
    expect(last).toMatchObject({ decided: 1_000, lags: { analytics: 0, "event-reactor": 0, "inventory-batch-writer": 0 } })
    const { stdout } = await one.ops("--json", "replay", "--group", "analytics", "--to", "earliest", "--restart")
    const { figures } = JSON.parse(stdout) as ReplayReport
    expect(figures).toMatchObject({ identical: true, after: { accepted: expect.any(Number) } })
    expect(figures?.after?.accepted).toBeGreaterThanOrEqual(1_000)
  })

  test("of the writer is refused, but for its watermarks: it stops, and goes on there", async () => {
    const writer = ["replay", "--group", "inventory-batch-writer", "--restart"]
    await expect(one.ops(...writer, "--to", "earliest")).rejects.toThrow(/watermark in PostgreSQL.*npm run ops -- verify-sale/s)
    const { stdout } = await one.ops("--json", ...writer, "--to", "watermark")
    const { plan, caught_up_ms: tookMs } = JSON.parse(stdout) as ReplayReport
    expect(plan.partitions.every(({ to, end_offset: end }) => to === end)).toBe(true)
    expect(tookMs).toBeGreaterThan(0)
  })
})

describe("the runbook, carried out with the command line alone", () => {
  let operator: OperatorWithRunbook
  beforeAll(async () => {
    operator = await givenOperator(one)
  })
  afterAll(() => operator.close())

  /** Every command must end well. These say by their exit code what they have found. */
  const findings = /^(?:preflight|reconcile|generation move)\b/

  async function carryOut(commands: readonly string[]): Promise<void> {
    await operator.nextHeading()
    for (const command of new Set(commands)) {
      const { code, printed } = await operator.run(command)
      if (findings.test(command)) expect(code, `${command}: ${printed}`).toBeLessThanOrEqual(1)
      else expect(code, `${command}: ${printed}`).toBe(0)
    }
  }

  test.each(runbookHeadings)("$heading", async ({ commands }) => carryOut(commands))
  test("what is to be done outside the headings", async () => carryOut(otherCommands))
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
  const [mail = "", ...more] = mails().filter((one) => one.includes(order.body.order_id ?? ""))
  expect(more).toEqual([])
  expect(mail).toContain(`To: ${session.email}`)
  const { stdout } = await one.ops("notices", "--reservation", id, "--json")
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ kind: "order-confirmed", state: "SENT", order_id: order.body.order_id }] })
  expect(stdout).not.toContain("@")
  const brokers = `127.0.0.1:${recordOf(one.folder, "kafka").port}`
  const published = async () =>
    (await readTopic("orders-confirmed", brokers)).filter((value) => value.includes(order.body.order_id ?? "?"))
  await vi.waitFor(async () => expect(await published()).toHaveLength(1), { timeout: 10_000, interval: 500 })
  const [record = ""] = await published()
  expect(JSON.parse(record)).toMatchObject({ event_type: "order.confirmed", order_id: order.body.order_id, reservation_id: id })

  // A replay writes to shoppers again when an operator says so, and not otherwise.
  const again = ["replay", "--group", "notifier", "--to", "earliest", "--restart"]
  await expect(one.ops(...again)).rejects.toThrow("--send-again")
  await one.ops(...again, "--send-again")
  await vi.waitFor(() => expect(mails().filter((each) => each.includes(order.body.order_id ?? ""))).toHaveLength(2), 20_000)
})

test.for(["gateway", "inventory-batch-writer", "redis", "postgres"])("%s restarts when it is killed", async (part) => {
  const { pid } = recordOf(one.folder, part)
  // A part that an operator has stopped has the pid 0, which is the group of this process.
  expect(pid).toBeGreaterThan(0)
  process.kill(pid, "SIGKILL")
  await vi.waitFor(() => expect(recordOf(one.folder, part)).toMatchObject({ state: "ready", restarts: 1 }), { timeout: 20_000 })
  expect(recordOf(one.folder, part).pid).not.toBe(pid)
})

test("a running system moves to its second and its third generation of the requests", { timeout: 180_000 }, async () => {
  await moveTwice(one)
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
