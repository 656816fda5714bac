import { provisionDatabase } from "../../local/provision.ts"
import { functionLogin, postgresUrl } from "../../local/services/data-services.ts"
import { kafkaParts } from "../../local/services/kafka.ts"
import { launch } from "../../local/services/launch.ts"
import type { Part } from "../../local/services/part.ts"
import { pickPort } from "../../local/services/ports.ts"
import { ownerLogin, postgresPart } from "../../local/services/postgres.ts"
import { familyOf } from "../../local/services/process-identity.ts"
import { redisPart } from "../../local/services/redis.ts"
import { signal } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { serverTools } from "../../local/services/tools.ts"
import { privateFolder } from "./private-folder.ts"

/** A server that belongs to one test. The test may kill, freeze and restart it. */
export interface PrivateServer {
  /** kill -9 of the server and its children; resolves when they are gone. */
  kill(): Promise<void>
  /** Starts it again, on the same port and data; resolves when it serves. */
  start(): Promise<void>
  /** Stops all its processes (SIGSTOP): it hangs. */
  freeze(): void
  thaw(): void
  /** Ends it in the normal way. */
  stop(): Promise<void>
}

async function privateServer(part: Part, folder: StateFolder): Promise<PrivateServer> {
  await part.prepare?.()
  let running = launch(part, folder)
  await running.ready()
  const toAll = (name: NodeJS.Signals) => {
    for (const pid of familyOf(running.pid)) signal(pid, name)
  }
  return {
    async kill() {
      toAll("SIGKILL")
      await running.ended
    },
    async start() {
      running = launch(part, folder)
      await running.ready()
    },
    freeze: () => toAll("SIGSTOP"),
    thaw: () => toAll("SIGCONT"),
    stop: () => running.stop(),
  }
}

export interface PrivatePostgres extends PrivateServer {
  readonly url: string
  readonly superuserUrl: string
}

/** PostgreSQL with the schema of the sale and no rows. It is as durable as a deployed one. */
export async function privatePostgres(): Promise<PrivatePostgres> {
  const folder = privateFolder()
  const { databaseOwnerPassword, databasePassword } = folder.secrets()
  const port = await pickPort(new Set())
  const part = postgresPart(folder, serverTools(), {
    name: "postgres",
    port,
    ownerPassword: databaseOwnerPassword,
    fsync: true,
  })
  const server = await privateServer(part, folder)
  const database = "flash_sale"
  const ownerUrl = (name: string) => postgresUrl(ownerLogin, databaseOwnerPassword, port, name)
  await provisionDatabase({ ownerUrl, database, functionPassword: databasePassword })
  return { ...server, url: postgresUrl(functionLogin, databasePassword, port, database), superuserUrl: ownerUrl(database) }
}

export interface PrivateRedis extends PrivateServer {
  readonly url: string
}

/** An empty Redis. It loses its data when it is killed. */
export async function privateRedis(): Promise<PrivateRedis> {
  const folder = privateFolder()
  const port = await pickPort(new Set())
  const part = redisPart(folder, serverTools(), { name: "redis", port, maxMemoryMb: 64, databases: 1 })
  return { ...(await privateServer(part, folder)), url: `redis://127.0.0.1:${port}` }
}

export interface PrivateKafka extends PrivateServer {
  readonly brokers: string
}

/**
 * A broker without topics.
 * @param through opens a proxy in front of the broker's port; all clients of the broker use the proxy
 */
export async function privateKafka(through?: (brokerPort: number) => Promise<{ port: number }>): Promise<PrivateKafka> {
  const folder = privateFolder()
  const taken = new Set<number>()
  const broker = await pickPort(taken)
  const advertised = (await through?.(broker))?.port ?? broker
  const ports = [{ broker, advertised, controller: await pickPort(taken) }]
  const [part] = kafkaParts(folder, serverTools(), { ports, heapMb: 256 })
  if (part === undefined) throw new Error("No broker was described")
  return { ...(await privateServer(part, folder)), brokers: `127.0.0.1:${advertised}` }
}

export interface PrivateKafkaCluster {
  readonly brokers: string
  /** By broker id, from 1. */
  broker(id: number): PrivateServer
  stop(): Promise<void>
}

/** Three brokers without topics. */
export async function privateKafkaCluster(): Promise<PrivateKafkaCluster> {
  const folder = privateFolder()
  const taken = new Set<number>()
  const ports: { broker: number; controller: number }[] = []
  for (let node = 0; node < 3; node += 1) ports.push({ broker: await pickPort(taken), controller: await pickPort(taken) })
  // No broker is ready before a majority of them runs.
  const nodes = await Promise.all(
    kafkaParts(folder, serverTools(), { ports, heapMb: 256 }).map((part) => privateServer(part, folder)),
  )
  return {
    brokers: ports.map(({ broker }) => `127.0.0.1:${broker}`).join(","),
    broker(id) {
      const node = nodes[id - 1]
      if (node === undefined) throw new Error(`There is no broker ${id}`)
      return node
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}
