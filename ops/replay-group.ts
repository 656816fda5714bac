import { setTimeout as delay } from "node:timers/promises"
import type { ConsumerState, Group, ReplayPlan } from "../core/contracts/streams.ts"
import type { Ask } from "./client.ts"

export interface ReplayPaces {
  readonly pollMs: number
  /** Stopping and starting the consumers of a group takes minutes on AWS. */
  readonly consumersWithinMs: number
  /** A group that reads nothing for so long does not catch up. */
  readonly stuckAfterMs: number
}

/** The group that reads again, as the commands of the operators' function show and change it. Every method throws OpsProblem. */
export interface ReplayedGroup {
  /** Stops or starts the consumers, and waits until they have. @throws Error when they have not in time */
  change(action: "stop" | "start"): Promise<void>
  /** Waits until every record is read that was there at the plan. @throws Error when the group reads nothing for a time */
  catchUp(plan: ReplayPlan): Promise<void>
}

const wanted = { stop: "stopped", start: "running" } as const

/** @param say receives a line of progress */
export function replayedGroup(ask: Ask, group: string, say: (line: string) => void, paces: ReplayPaces): ReplayedGroup {
  async function shown(): Promise<Group> {
    const [found] = (await ask({ command: "groups", group })).groups
    if (found === undefined) throw new Error(`The group ${group} is not shown any more`)
    return found
  }

  async function until(isSo: (shown: Group) => boolean, deadlineMs: number, state: ConsumerState): Promise<void> {
    for (;;) {
      const found = await shown()
      if (isSo(found)) return
      if (performance.now() > deadlineMs) {
        throw new Error(
          `The consumers of ${group} are ${found.consumers}, with ${found.members.length} members, after ${paces.consumersWithinMs / 1_000} s. Send the same replay again once they are ${state}.`,
        )
      }
      await delay(paces.pollMs)
    }
  }

  return {
    async change(action) {
      const deadlineMs = performance.now() + paces.consumersWithinMs
      const state = wanted[action]
      // A change that an interrupted replay has begun ends first: Lambda takes no other meanwhile.
      await until(({ consumers }) => consumers === "running" || consumers === "stopped", deadlineMs, state)
      await (action === "stop"
        ? ask({ command: "consumers-stop", group, force: true })
        : ask({ command: "consumers-start", group }))
      say(`the consumers of ${group} ${action}`)
      await until(
        ({ consumers, members }) => consumers === state && (action === "start" || members.length === 0),
        deadlineMs,
        state,
      )
    },

    async catchUp(plan) {
      let [least, leastAtMs] = [Number.POSITIVE_INFINITY, performance.now()]
      for (;;) {
        const left = recordsLeft(plan, await shown())
        if (left === 0) return
        if (left < least) [least, leastAtMs] = [left, performance.now()]
        say(`${left} records are left`)
        if (performance.now() - leastAtMs > paces.stuckAfterMs) {
          throw new Error(
            `${group} has read nothing for ${paces.stuckAfterMs / 1_000} s, and ${left} records are left. It reads on by itself: npm run ops -- groups ${group} shows how far it is, its log shows why it waits.`,
          )
        }
        await delay(paces.pollMs)
      }
    },
  }
}

/** Records that were there at the plan and are not read. */
function recordsLeft({ topic, partitions }: ReplayPlan, { topics }: Group): number {
  const read = topics.find((each) => each.topic === topic)?.partitions ?? []
  const committed = new Map(read.map((each) => [each.partition, each.committed]))
  return partitions.reduce((sum, { partition, to, end_offset }) => {
    return sum + Math.max(0, end_offset - (committed.get(partition) ?? to))
  }, 0)
}
