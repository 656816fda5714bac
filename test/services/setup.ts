/**
 * The servers of the tests: a real Kafka, PostgreSQL and Redis, started once for a run of vitest and stopped after it.
 *
 * - database.ts: freshDatabase(), a migrated database for one test file
 * - topics.ts: freshTopics(), topics for one test file, with their watermarks
 * - redis.ts: freshRedis(), an empty Redis database for one test file
 * - environment.ts: handlerEnvironment(), the variables of the functions in this process, and tokens for shoppers
 * - parts.ts: startPart(), a real process of the system, which a test may kill
 * - private.ts: privatePostgres(), privateRedis(), a server that a test may kill
 *
 * Each run has its own folder in .local/test: runs do not disturb each other. Run `npm run setup` once before; it finds the
 * servers.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { provisionDatabase } from "../../local/provision.ts"
import { dataServices, startParts } from "../../local/services/data-services.ts"
import { endLeftovers } from "../../local/services/leftovers.ts"
import { identityOf } from "../../local/services/process-identity.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"

/** The connections of a run, as `inject("services")` gives them to the tests. */
export interface SharedServices {
  /** The folder of this run. */
  readonly stateDir: string
  readonly kafkaBrokers: string
  readonly redisUrl: string
  readonly redisDatabases: number
  readonly postgresPort: number
  readonly ownerPassword: string
  readonly functionPassword: string
  readonly receiptKeys: string
}

declare module "vitest" {
  interface ProvidedContext {
    services: SharedServices
  }
}

/** Each test file gets a copy: to migrate a new database takes ten times as long. */
export const templateDatabase = "flash_template"

const runsDir = join(defaultStateDir, "test")

interface Run {
  readonly services: Promise<SharedServices>
  readonly stop: () => Promise<void>
  users: number
}
/** Each project of vitest calls the setup from its own modules; all share one run. */
const shared = globalThis as { flashSaleTestRun?: Run }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.flashSaleTestRun ??= beginRun()
  const run = shared.flashSaleTestRun
  run.users += 1
  const services = await run.services
  project.provide("services", services)
  process.env.KAFKA_BROKERS = services.kafkaBrokers
  return async () => {
    run.users -= 1
    if (run.users === 0) await run.stop()
  }
}

function beginRun(): Run {
  const dir = join(runsDir, `run-${process.pid} ${identityOf(process.pid)}`.replaceAll(" ", "_"))
  return {
    users: 0,
    services: startServices(dir),
    stop: () => removeRun(dir),
  }
}

async function startServices(dir: string): Promise<SharedServices> {
  mkdirSync(runsDir, { recursive: true })
  await removeAbandonedRuns()
  const folder = new StateFolder(dir)
  const secrets = folder.secrets()
  const services = await dataServices(folder, { brokers: 1, isTest: true })
  try {
    await startParts([...services.kafka, services.postgres, services.redis], folder)
    await provisionDatabase({
      ownerUrl: services.ownerUrl,
      database: templateDatabase,
      functionPassword: secrets.databasePassword,
    })
  } catch (error) {
    await removeRun(dir)
    throw error
  }
  return {
    stateDir: folder.dir,
    kafkaBrokers: services.kafkaBrokers,
    redisUrl: services.redisUrl,
    redisDatabases: services.redisDatabases,
    postgresPort: services.postgres.port,
    ownerPassword: secrets.databaseOwnerPassword,
    functionPassword: secrets.databasePassword,
    receiptKeys: secrets.receiptKeys,
  }
}

/** When vitest was killed, its run has left servers behind. */
async function removeAbandonedRuns(): Promise<void> {
  const abandoned = readdirSync(runsDir).filter((name) => {
    const [, pid] = /^run-(\d+)_/.exec(name) ?? []
    return pid !== undefined && !name.endsWith(`${identityOf(Number(pid))}`.replaceAll(" ", "_"))
  })
  await Promise.all(abandoned.map((name) => removeRun(join(runsDir, name))))
}

/**
 * Ends the processes that the records of the folder name, also in the folders of private servers inside it, and removes the
 * folder.
 */
async function removeRun(dir: string): Promise<void> {
  const below = readdirSync(dir).filter((name) => name.startsWith("private-"))
  for (const folder of [dir, ...below.map((name) => join(dir, name))]) await endLeftovers(new StateFolder(folder))
  rmSync(dir, { recursive: true, force: true })
}
