import { topics } from "../../core/contracts/topics.ts"
import { saleDatabase } from "../environment.ts"
import { provisionDatabase, provisionLog } from "../provision.ts"
import { seed } from "../seed.ts"
import type { Part } from "../services/part.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { say } from "./say.ts"
import { type Supervised, supervise } from "./supervise.ts"
import { describeSystem, type System, type SystemOptions } from "./system.ts"

/** The system from its first process to its last. */
export interface Standing {
  /** Resolves when everything serves and the demo SKUs are there. @throws Error of the first part that cannot start */
  readonly ready: Promise<System>
  /** Ends all parts in order: who takes requests first, who keeps the truth last. Also while the system is starting. */
  stop(): Promise<void>
  /** Kills all parts at once; resolves when they are gone. */
  kill(): Promise<void>
}

/** Starts the whole system. What does not depend on each other starts side by side. */
export function bringUp(folder: StateFolder, options: SystemOptions): Standing {
  const supervised = new Map<Part, Supervised>()
  let isStopping = false
  let tiers: (readonly Part[])[] = []

  async function begin(part: Part): Promise<void> {
    await part.prepare?.()
    if (isStopping) throw new Error("The system is stopping")
    const one = supervise(part, folder, say)
    supervised.set(part, one)
    await one.ready
    say(`${part.name} serves`)
  }

  async function start(): Promise<System> {
    const system = await describeSystem(folder, options)
    const { kafka, postgres, redis, ownerUrl, kafkaBrokers } = system.services
    tiers = [[postgres], kafka, [redis], ...system.processes.map((part) => [part])]
    const functionPassword = folder.secrets().databasePassword
    const database = async () => {
      await begin(postgres)
      const applied = await provisionDatabase({ ownerUrl, database: saleDatabase, functionPassword })
      if (applied.length > 0) say(`migrated: ${applied.join(", ")}`)
    }
    await Promise.all([database(), begin(redis), ...kafka.map(begin)])
    const created = await provisionLog({
      databaseUrl: system.environment.DATABASE_URL ?? "",
      brokers: kafkaBrokers,
      definitions: Object.values(topics),
    })
    if (created.length > 0) say(`topics created: ${created.join(", ")}`)
    await Promise.all(system.processes.map(begin))
    await seed(system.environment, say)
    return system
  }

  const ready = start()
  return {
    ready,
    async stop() {
      isStopping = true
      for (const tier of tiers.toReversed()) {
        await Promise.all(tier.map((part) => supervised.get(part)?.stop()))
      }
      // What was being prepared when the stop came has seen it by now, and started nothing.
      await ready.catch(() => {})
    },
    async kill() {
      isStopping = true
      await Promise.all([...supervised.values()].map((one) => one.kill()))
    },
  }
}
