import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { runStatements } from "../../local/services/database.ts"
import { readRecords, signal } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import type { SteadySale } from "./steady-sale.ts"

/** What a fault is done to. */
export interface Target {
  readonly folder: StateFolder
  /** As PostgreSQL's superuser. */
  readonly ownerUrl: string
  readonly sale: SteadySale
}

export interface Fault {
  readonly words: string | null
  /** Begins the fault. @returns ends it, as far as the parts must be able to stop */
  begin(target: Target): Promise<() => Promise<void>>
}

/** A database that is away most of the time: each statement waits. */
const slowness = { stoppedMs: 450, runningMs: 50 } as const
const bots = { clients: 20, everyMs: 50 } as const

/** The faults that alarms must find. Each is done with real means: signals, SQL, sockets, requests. */
export const faults = {
  good: { words: null, begin: async () => async () => {} },
  "stock-leak": {
    words: "SQL as the owner counted units as reserved that no reservation has",
    async begin({ ownerUrl, sale }) {
      await runStatements(ownerUrl, `UPDATE inventory SET reserved_count = reserved_count + 7 WHERE sku_id = '${sale.skuId}'`)
      return async () => {}
    },
  },
  "stuck-writer": { words: "SIGSTOP to the process of the batch writer", begin: stopped("inventory-batch-writer") },
  "hanging-provider": { words: "SIGSTOP to the payment provider: calls hang", begin: stopped("payment-provider") },
  "slow-database": {
    words: `every session of PostgreSQL stopped for ${slowness.stoppedMs} of each ${slowness.stoppedMs + slowness.runningMs} ms`,
    async begin({ folder }) {
      const pid = pidOf(folder, "postgres")
      let isOver = false
      const pulse = async () => {
        while (!isOver) {
          // Each session of PostgreSQL is a process and a process group of its own.
          const sessions = childrenOf(pid)
          for (const session of sessions) signal(session, "SIGSTOP")
          await pause(slowness.stoppedMs)
          for (const session of sessions) signal(session, "SIGCONT")
          await pause(slowness.runningMs)
        }
      }
      const pulsing = pulse()
      return async () => {
        isOver = true
        await pulsing
      }
    },
  },
  "dead-redis": {
    words: "SIGKILL to Redis, and its port taken so that it could not start again",
    async begin({ folder }) {
      const port = portOf(folder, "redis")
      signal(pidOf(folder, "redis"), "SIGKILL")
      const server = createServer((socket) => socket.destroy())
      await listen(server, port)
      return async () => void server.close()
    },
  },
  "error-burst": {
    words: "REVOKE SELECT ON orders: a route answered 500",
    async begin({ ownerUrl }) {
      await runStatements(ownerUrl, "REVOKE SELECT ON orders FROM flash_reader")
      return () => runStatements(ownerUrl, "GRANT SELECT ON orders TO flash_reader")
    },
  },
  "bot-flood": {
    words: `${bots.clients} clients with a token each asked for units ${1_000 / bots.everyMs} times a second`,
    async begin({ sale }) {
      const tokens = await Promise.all(Array.from({ length: bots.clients }, (_, index) => sale.login(`bot-${index}`)))
      const flood = setInterval(() => {
        for (const token of tokens) {
          const body = { sku_id: sale.skuId, quantity: 1 }
          void sale.send({ method: "POST", path: "/v1/reservations", token, idempotencyKey: randomUUID(), body })
        }
      }, bots.everyMs)
      return async () => clearInterval(flood)
    },
  },
  "dead-consumer": { words: "SIGSTOP to the process of the event reactor", begin: stopped("event-reactor") },
} as const satisfies Record<string, Fault>
export type FaultName = keyof typeof faults

function stopped(part: string): Fault["begin"] {
  return async ({ folder }) => {
    const pid = pidOf(folder, part)
    signal(pid, "SIGSTOP")
    return async () => signal(pid, "SIGCONT")
  }
}

const recordOf = (folder: StateFolder, part: string) => {
  const found = readRecords(folder).find((record) => record.part === part)
  if (found === undefined) throw new Error(`There is no part ${part}`)
  return found
}
const pidOf = (folder: StateFolder, part: string) => recordOf(folder, part).pid
const portOf = (folder: StateFolder, part: string) => recordOf(folder, part).port

/** The processes that a process has started. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean).map(Number)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Takes a port as soon as its process has gone. */
async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  for (;;) {
    const isTaken = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false))
      server.listen(port, "127.0.0.1", () => resolve(true))
    })
    if (isTaken) return
    await pause(1)
  }
}
