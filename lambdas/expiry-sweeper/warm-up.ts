import { openMakeHolds } from "../../core/runtime/warm-up/holds.ts"
import { newUser } from "../../core/runtime/warm-up/shoppers.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import type { SweeperTasks } from "./workflow.ts"

const holdsPerRound = 40
const stock = 1_000_000

/** Every task of the sweeper, after some holds were made: the relay publishes them, and Redis is compared with PostgreSQL. */
export const prepareTasks =
  (openTasks: () => Promise<SweeperTasks>): PrepareRounds =>
  async (world) => {
    const hold = await openMakeHolds(world)
    const sale = await world.sales.open(stock)
    const tasks = await openTasks()
    return async () => {
      await hold(sale, Array.from({ length: holdsPerRound }, newUser))
      for (const task of Object.values(tasks)) await task()
    }
  }
