import { kafkaNodeNames, kafkaParts } from "./kafka.ts"
import { launch, type RunningPart } from "./launch.ts"
import type { Part } from "./part.ts"
import { ownerLogin, postgresPart } from "./postgres.ts"
import { redisPart } from "./redis.ts"
import type { Brokers, StateFolder } from "./state-folder.ts"
import { serverTools } from "./tools.ts"

export interface DataServicesOptions {
  readonly brokers: Brokers
  /**
   * A test run is short and never loses power, so it does not wait for the disk. Other runs keep their data on disk and use the
   * full speed.
   */
  readonly isTest: boolean
}

/** Kafka, PostgreSQL and Redis of one state folder, and their addresses. */
export interface DataServices {
  readonly kafka: readonly Part[]
  readonly postgres: Part
  readonly redis: Part
  readonly kafkaBrokers: string
  /** As PostgreSQL's superuser. */
  readonly ownerUrl: (database: string) => string
  readonly redisUrl: string
  readonly redisDatabases: number
}

/** The login of the functions. It may do only what the role that it takes may do. */
export const functionLogin = "flash"

/** @returns the URL of a database on this machine */
export const postgresUrl = (login: string, password: string, port: number, database: string): string =>
  `postgres://${login}:${password}@127.0.0.1:${port}/${database}`

/** Describes the three servers and starts nothing. It chooses their ports, so no process of this folder may run. */
export async function dataServices(folder: StateFolder, { brokers, isTest }: DataServicesOptions): Promise<DataServices> {
  const tools = serverTools()
  const names = kafkaNodeNames(brokers)
  const ports = await folder.ports(["postgres", "redis", ...names, ...names.map((name) => `${name}-controller`)])
  const port = (name: string) => ports[name] ?? 0
  const redisDatabases = isTest ? 1_024 : 16
  const { databaseOwnerPassword } = folder.secrets()
  return {
    kafka: kafkaParts(folder, tools, {
      ports: names.map((name) => ({ broker: port(name), controller: port(`${name}-controller`) })),
      heapMb: 512,
    }),
    postgres: postgresPart(folder, tools, {
      name: "postgres",
      port: port("postgres"),
      ownerPassword: databaseOwnerPassword,
      fsync: !isTest,
      // Two files of tests at a time share one server, and some of them start many processes.
      ...(isTest && { maxConnections: 200 }),
    }),
    redis: redisPart(folder, tools, { name: "redis", port: port("redis"), maxMemoryMb: 256, databases: redisDatabases }),
    kafkaBrokers: names.map((name) => `127.0.0.1:${port(name)}`).join(","),
    ownerUrl: (database) => postgresUrl(ownerLogin, databaseOwnerPassword, port("postgres"), database),
    redisUrl: `redis://127.0.0.1:${port("redis")}`,
    redisDatabases,
  }
}

/**
 * Prepares and starts parts at the same time; resolves when all of them serve.
 *
 * @throws Error of the first part that fails; then all parts are stopped
 */
export async function startParts(parts: readonly Part[], folder: StateFolder): Promise<RunningPart[]> {
  await Promise.all(parts.map((part) => part.prepare?.()))
  const running = parts.map((part) => launch(part, folder))
  try {
    await Promise.all(running.map((part) => part.ready()))
    return running
  } catch (error) {
    await Promise.all(running.map((part) => part.stop()))
    throw error
  }
}
