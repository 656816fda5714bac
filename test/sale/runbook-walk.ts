import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Command } from "commander"
import { Kafka, logLevel } from "kafkajs"
import { Client } from "pg"
import { vi } from "vitest"
import { topics } from "../../core/contracts/topics.ts"
import { systemEnvironment } from "../../local/environment.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { localTransport } from "../../ops/local.ts"
import { createProgram } from "../../ops/program.ts"

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number
  readonly printed: string
}

/** An operator who has the command line and nothing else. Each heading gets a sale, orders and sessions of its own. */
export interface OperatorWithRunbook {
  /** Carries out one command as the runbook has it, with its placeholders. */
  run(command: string): Promise<Ran>
  /** Forgets the sale of the heading before, and starts the consumers that it left stopped. */
  nextHeading(): Promise<void>
  close(): Promise<void>
}

/** Placeholders of which the meaning depends on the words before them. */
const inContext: readonly (readonly [RegExp, string])[] = [
  [/--seconds <n>/, "--seconds 60"],
  [/--partition <n>/, "--partition 0"],
  [/batch-size <n>/, "batch-size 200"],
  [/^watch <sku>$/, "watch <sku> --rounds 1"],
]

export async function givenOperator(system: { folder: StateFolder; httpPort: number }): Promise<OperatorWithRunbook> {
  const environment = systemEnvironment(system.folder, system.httpPort)
  Object.assign(process.env, environment)
  const transport = await localTransport()
  const files = mkdtempSync(join(tmpdir(), "runbook-"))
  const shop = shopAt(`http://127.0.0.1:${system.httpPort}`)
  const ended: (() => Promise<unknown>)[] = []
  let known = new Map<string, string>()
  const stopped: string[] = []

  /** Runs the command line in this process, which is a hundred times as fast as a process for each command. */
  async function ops(args: readonly string[]): Promise<Ran> {
    const printed: string[] = []
    const note = (...lines: unknown[]) => void printed.push(lines.join(" "))
    const spies = [
      vi.spyOn(console, "log").mockImplementation(note),
      vi.spyOn(console, "error").mockImplementation(note),
      vi.spyOn(process.stderr, "write").mockImplementation((text) => printed.push(String(text)) > 0),
    ]
    const { program } = createProgram(async () => transport)
    neverExit(program)
    process.exitCode = 0
    try {
      await program.parseAsync(["node", "ops", ...args])
      return { code: Number(process.exitCode), printed: printed.join("\n") }
    } catch (error) {
      return { code: 1, printed: [...printed, String(error)].join("\n") }
    } finally {
      process.exitCode = 0
      for (const spy of spies) spy.mockRestore()
    }
  }

  const makers: Readonly<Record<string, () => Promise<string>>> = {
    sku: async () => {
      const sku = `sku-${randomUUID().slice(0, 8)}`
      await must(ops(["sale", "create", sku, "--stock", "20", "--price", "1500"]))
      await must(ops(["sale", "open", sku]))
      return sku
    },
    order: async () => {
      const { orderId } = await shop.buy(await placeholderValue("sku"))
      await vi.waitFor(
        async () => {
          const { printed } = await ops(["order", "show", orderId, "--json"])
          if (!printed.includes('"PAID"')) throw new Error(`The order is not paid yet: ${printed}`)
        },
        { timeout: 15_000, interval: 100 },
      )
      return orderId
    },
    reservation: async () => (await shop.buy(await placeholderValue("sku"))).reservationId,
    receipt: async () => (await shop.buy(await placeholderValue("sku"))).receipt,
    attempt: async () => randomUUID(),
    group: async () => "analytics",
    topic: async () => topics.reservationRequests.name,
    units: async () => "1",
    why: async () => "a drill",
    pid: () => sleepingSession(environment.DATABASE_URL ?? "", ended),
    offset: async () => {
      const { partition, offset } = await poison(environment.KAFKA_BROKERS ?? "")
      known.set("partition", String(partition))
      await vi.waitFor(
        async () => {
          const { printed } = await ops(["quarantine", "list", "--json"])
          if (!printed.includes(`"offset":${offset}`)) throw new Error(`The record is not in quarantine yet: ${printed}`)
        },
        { timeout: 15_000, interval: 100 },
      )
      return String(offset)
    },
    partition: async () => {
      await placeholderValue("offset")
      return known.get("partition") ?? ""
    },
  }

  async function placeholderValue(placeholder: string): Promise<string> {
    const make = makers[placeholder]
    if (make === undefined) throw new Error(`The runbook has a placeholder that no test knows: <${placeholder}>`)
    const value = known.get(placeholder) ?? (await make())
    known.set(placeholder, value)
    return value
  }

  async function nextHeading(): Promise<void> {
    known = new Map()
    for (const group of stopped.splice(0)) {
      await must(ops(["consumers", "start", group]))
      await vi.waitFor(
        async () => {
          const { printed } = await ops(["--json", "groups", group])
          if (!printed.includes('"consumers":"running"')) throw new Error(`The consumers do not run again: ${printed}`)
        },
        { timeout: 20_000, interval: 200 },
      )
    }
  }

  return {
    async run(command) {
      const text = inContext.reduce((rest, [words, replacement]) => rest.replace(words, replacement), command)
      const args: string[] = []
      for (const word of text.match(/"[^"]*"|\S+/g) ?? []) {
        const bare = word.replaceAll('"', "").replaceAll("\\", "")
        const [, placeholder] = /^<(.+)>$/.exec(bare) ?? []
        if (placeholder !== undefined) args.push(await placeholderValue(placeholder))
        else args.push(/\.(?:json|html)$/.test(bare) ? join(files, bare) : bare)
      }
      if (args[0] === "consumers" && args[1] === "stop") stopped.push(args[2] ?? "")
      return ops(args)
    },
    nextHeading,
    async close() {
      await nextHeading()
      await Promise.all(ended.map((end) => end()))
      await transport.close?.()
      rmSync(files, { recursive: true })
    },
  }
}

async function must(running: Promise<Ran>): Promise<void> {
  const { code, printed } = await running
  if (code !== 0) throw new Error(`A command of the set-up failed: ${printed}`)
}

/** Wrong usage throws, where it would end the process. */
function neverExit(command: Command): void {
  command.exitOverride()
  command.commands.forEach(neverExit)
}

/** A shopper of the running system. */
const shopAt = (url: string) => {
  const post = async (path: string, headers: Record<string, string>, body: object) => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }
    const response = await fetch(`${url}${path}`, init)
    const answered = (await response.json()) as Record<string, string>
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${JSON.stringify(answered)}`)
    return answered
  }
  return {
    async buy(skuId: string) {
      const { access_token: token } = await post("/local/token", {}, { sub: randomUUID() })
      const headers = () => ({ authorization: `Bearer ${token}`, "idempotency-key": randomUUID() })
      // A request whose trace is recorded is found by `trace`.
      const traceparent = `00-${randomUUID().replaceAll("-", "")}-00f067aa0ba902b7-01`
      const held = await post("/v1/reservations", { ...headers(), traceparent }, { sku_id: skuId, quantity: 1 })
      const id = held.reservation_id ?? ""
      await vi.waitFor(
        async () => {
          const response = await fetch(`${url}/v1/reservations/${id}`, { headers: { authorization: `Bearer ${token}` } })
          const { status } = (await response.json()) as { status: string }
          if (status !== "RESERVED") throw new Error(`The reservation is ${status}`)
        },
        { timeout: 10_000, interval: 50 },
      )
      const order = await post(`/v1/reservations/${id}/checkout`, headers(), { payment_method: "pm_card_visa" })
      return { orderId: order.order_id ?? "", reservationId: id, receipt: held.receipt ?? "" }
    },
  }
}

/** A session of a function's login that runs a long statement, for an operator to end. @returns its process id */
async function sleepingSession(databaseUrl: string, ended: (() => Promise<unknown>)[]): Promise<string> {
  const client = new Client({ connectionString: databaseUrl, application_name: "a session to end" })
  client.on("error", () => {})
  await client.connect()
  ended.push(() => client.end().catch(() => {}))
  await client.query("SET ROLE flash_reader")
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  client.query("SELECT pg_sleep(60)").catch(() => {})
  return String(rows[0]?.pid)
}

/** Writes a record that nobody can decide, as a producer would that does not use the API. */
async function poison(brokers: string): Promise<{ partition: number; offset: number }> {
  const producer = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const [written] = await producer.send({
    topic: topics.reservationRequests.name,
    messages: [{ value: Buffer.from([250, 1, 2, 3]), partition: 0 }],
  })
  await producer.disconnect()
  return { partition: 0, offset: Number(written?.baseOffset) }
}
