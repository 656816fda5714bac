import { provisionWarmUpDatabase } from "../../core/adapters/postgres/warm-up-database.ts"
import { saleDatabase } from "../environment.ts"
import { provisionDatabase, provisionLog } from "../provision.ts"
import { seed } from "../seed.ts"
import type { Part } from "../services/part.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { openControl } from "./control.ts"
import { createOperatedGenerations, generationIn, logOf } from "./operated-generations.ts"
import { createOperatedParts, type OperatedParts } from "./operated-parts.ts"
import { say } from "./say.ts"
import { type Supervised, supervise } from "./supervise.ts"
import { describeSystem, type System, type SystemOptions } from "./system.ts"

/** A system that starts, runs or stops. */
export interface Standing {
  /** Resolves when every part serves and the demo SKUs exist. @throws Error of the first part that cannot start */
  readonly ready: Promise<System>
  /** Ends all parts in order: first the gateway, last PostgreSQL. It may be called while the system starts. */
  stop(): Promise<void>
  /** Kills all parts at once; resolves when they are gone. */
  kill(): Promise<void>
}

/** The processes that deliver records to a consumer group: an operator may stop them. */
const isConsumer = ({ command }: Part): boolean => "EVENT_SOURCE" in command.env

/** Starts the whole system. Parts that do not depend on each other start at the same time. */
export function bringUp(folder: StateFolder, options: SystemOptions): Standing {
  const supervised = new Map<string, Supervised>()
  let isStopping = false
  let tiers: (readonly Part[])[] = []
  let operated: OperatedParts | undefined
  let closeControl = async () => {}

  async function begin(part: Part): Promise<void> {
    await part.prepare?.()
    if (isStopping) throw new Error("The system is stopping")
    const one = supervise(part, folder, say)
    supervised.set(part.name, one)
    await one.ready
    say(`${part.name} is ready`)
  }

  async function start(): Promise<System> {
    const system = await describeSystem(folder, options)
    const { kafka, postgres, redis, ownerUrl, kafkaBrokers } = system.services
    tiers = [[postgres], kafka, [redis], ...system.processes.map((part) => [part])]
    const functionPassword = folder.secrets().databasePassword
    const database = async () => {
      await begin(postgres)
      const applied = await provisionDatabase({ ownerUrl, database: saleDatabase, functionPassword })
      if (applied.length > 0) say(`applied database migrations: ${applied.join(", ")}`)
      await provisionWarmUpDatabase(ownerUrl, saleDatabase)
    }
    await Promise.all([database(), begin(redis), ...kafka.map(begin)])
    const created = await provisionLog({
      databaseUrl: system.environment.DATABASE_URL ?? "",
      brokers: kafkaBrokers,
      ...logOf(generationIn(folder)),
    })
    if (created.length > 0) say(`created topics: ${created.join(", ")}`)
    await Promise.all(system.processes.map(begin))
    operated = createOperatedParts(system.processes.filter(isConsumer), { folder, say, begin, supervised })
    const generations = createOperatedGenerations({ folder, system, operated, supervised, begin, say })
    closeControl = await openControl(folder, operated, generations, say)
    await seed(system.environment, say)
    return system
  }

  const ready = start()
  return {
    ready,
    async stop() {
      isStopping = true
      await closeControl()
      operated?.forget()
      for (const tier of tiers.toReversed()) {
        await Promise.all(tier.map(({ name }) => supervised.get(name)?.stop()))
      }
      // A part that was being prepared at the stop has seen the stop by now and started nothing.
      await ready.catch(() => {})
    },
    async kill() {
      isStopping = true
      await closeControl()
      operated?.forget()
      await Promise.all([...supervised.values()].map((one) => one.kill()))
    },
  }
}
