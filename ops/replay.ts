import type { ReplayPlan, ReplayTarget } from "../core/contracts/streams.ts"
import type { Ask } from "./client.ts"
import { comparisonOf, type Figures } from "./replay-figures.ts"
import { type ReplayPaces, replayedGroup } from "./replay-group.ts"

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
  within: ReplayPaces = paces,
): Promise<ReplayReport> {
  const first = await planReplay(ask, options)
  checkOptions(first, options)
  const { group } = options
  const replayed = replayedGroup(ask, group, say, within)
  const isOurs = first.consumers !== null
  if (options.restart && isOurs) await replayed.change("stop")
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
  await replayed.change("start")
  await replayed.catchUp(plan)
  // The consumers read while they still report that they start.
  const caughtUpMs = Math.round(performance.now() - startedMs)
  return { plan, caught_up_ms: caughtUpMs, figures: await figures.compare() }
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
