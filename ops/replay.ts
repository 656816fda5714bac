import { setTimeout as delay } from "node:timers/promises"
import type { ConsumerState, Group, ReplayPlan, ReplayTarget } from "../core/contracts/streams.ts"
import type { Ask } from "./client.ts"
import { comparisonOf, type Figures } from "./replay-figures.ts"

export interface ReplayOptions {
  readonly group: string
  readonly to: ReplayTarget
  readonly topic?: string
  readonly partition?: number
  /** Stops the consumers of the group before, and starts them after. */
  readonly restart: boolean
  /** Confirms that notices are sent again. */
  readonly sendAgain: boolean
}

export interface ReplayPaces {
  readonly pollMs: number
  /** Stopping and starting the consumers of a group takes minutes on AWS. */
  readonly consumersWithinMs: number
  /** A group that reads nothing for so long does not catch up. */
  readonly stuckAfterMs: number
}

const paces: ReplayPaces = { pollMs: 1_000, consumersWithinMs: 300_000, stuckAfterMs: 120_000 }

/** What a replay did. */
export interface ReplayReport {
  readonly plan: ReplayPlan
  /** Milliseconds from the start of the consumers; null when the group has no consumers here that could catch up. */
  readonly caught_up_ms: number | null
  readonly figures: Figures | null
}

/** A replay cannot be carried out as it was asked for; nothing was changed. */
export class ReplayRefused extends Error {
  override readonly name = "ReplayRefused"
}

/** What a replay would do. @throws OpsProblem */
export const planReplay = (ask: Ask, { group, to, topic, partition }: ReplayOptions): Promise<ReplayPlan> =>
  ask({
    ...{ command: "replay-plan", group, to },
    ...(topic !== undefined && { topic }),
    ...(partition !== undefined && { partition }),
  })

/**
 * Lets a group read again. Each step is one command that changes at most one thing. A replay that ends half way leaves the
 * consumers stopped; the same replay, sent again, continues from there.
 *
 * @param say receives a line of progress
 * @throws ReplayRefused before anything was changed; OpsProblem; Error when the group does not catch up
 */
export async function replay(
  ask: Ask,
  options: ReplayOptions,
  say: (line: string) => void,
  { pollMs, consumersWithinMs, stuckAfterMs }: ReplayPaces = paces,
): Promise<ReplayReport> {
  const first = await planReplay(ask, options)
  checkOptions(first, options)
  const { group } = options
  const isOurs = first.consumers !== null
  if (options.restart && isOurs) await changeConsumers("stop", "stopped")
  // What the consumers read before they stopped has moved the offsets.
  const plan = options.restart ? await planReplay(ask, options) : first
  const figures = comparisonOf(ask, plan)
  await ask({
    ...{ command: "offsets-set", group, topic: plan.topic, send_again: options.sendAgain },
    partitions: plan.partitions.map(({ partition, to }) => ({ partition, offset: to })),
  })
  say(`${group} reads ${plan.topic} from the new offsets`)
  await figures.begin()
  if (!isOurs || !options.restart) return { plan, caught_up_ms: null, figures: null }
  const startedMs = performance.now()
  await changeConsumers("start", "running")
  await untilCaughtUp(plan)
  // The consumers read while they still report that they start.
  const caughtUpMs = Math.round(performance.now() - startedMs)
  return { plan, caught_up_ms: caughtUpMs, figures: await figures.compare() }

  async function changeConsumers(action: "stop" | "start", wanted: ConsumerState): Promise<void> {
    await ask({ command: `consumers-${action}`, group })
    say(`the consumers of ${group} ${action}`)
    const deadlineMs = performance.now() + consumersWithinMs
    for (;;) {
      const { consumers, members } = await shown()
      if (consumers === wanted && (wanted === "running" || members.length === 0)) return
      // A part that failed to start is stopped again; the supervisor has said why.
      if (performance.now() > deadlineMs) {
        throw new Error(
          `The consumers of ${group} are ${consumers}, with ${members.length} members, after ${consumersWithinMs / 1_000} s. Send the same replay again once they are ${wanted}.`,
        )
      }
      await delay(pollMs)
    }
  }

  async function shown(): Promise<Group> {
    const [found] = (await ask({ command: "groups", group })).groups
    if (found === undefined) throw new Error(`The group ${group} is not shown any more`)
    return found
  }

  /** Waits until every record is read that was there at the plan. @throws Error when the group reads nothing for a time */
  async function untilCaughtUp({ topic, partitions }: ReplayPlan): Promise<void> {
    let [least, leastAtMs] = [Number.POSITIVE_INFINITY, performance.now()]
    for (;;) {
      const read = new Map((await shown()).topics.find((each) => each.topic === topic)?.partitions.map((p) => [p.partition, p]))
      const left = partitions.reduce(
        (sum, { partition, to, end_offset }) => sum + Math.max(0, end_offset - (read.get(partition)?.committed ?? to)),
        0,
      )
      const nowMs = performance.now()
      if (left === 0) return
      if (left < least) [least, leastAtMs] = [left, nowMs]
      say(`${left} records are left`)
      if (nowMs - leastAtMs > stuckAfterMs) {
        throw new Error(
          `${group} has read nothing for ${stuckAfterMs / 1_000} s, and ${left} records are left. It reads on by itself: npm run ops -- groups ${group} shows how far it is, its log shows why it waits.`,
        )
      }
      await delay(pollMs)
    }
  }
}

/** @throws ReplayRefused */
function checkOptions({ group, effect, why, members, consumers }: ReplayPlan, { restart, sendAgain }: ReplayOptions): void {
  if (effect === "sends-again" && !sendAgain) throw new ReplayRefused(why)
  if (members > 0 && consumers !== null && !restart) {
    throw new ReplayRefused(
      `${group} has ${members} members, and they decide where it reads. Let the replay stop and start them: --restart.`,
    )
  }
  if (members > 0 && consumers === null) {
    throw new ReplayRefused(
      `${group} has ${members} members, and they decide where it reads. They are not ours: ask their owner to stop them first.`,
    )
  }
}
