import { isDeepStrictEqual } from "node:util"
import type { GenerationFigures, ReplayPlan } from "../core/contracts/streams.ts"
import type { Ask } from "./client.ts"

/** The totals of a group before and after a replay. */
export interface Figures {
  /** Null when they cannot be compared; `why` says so. */
  readonly identical: boolean | null
  readonly why: string
  readonly before: GenerationFigures["totals"]
  readonly after: GenerationFigures["totals"]
}

export interface Comparison {
  /** Called when the offsets are set and no consumer runs. */
  begin(): Promise<void>
  /** Called when the group has caught up. */
  compare(): Promise<Figures | null>
}

/** What the effect of a replay asks for. A group whose work reaches people does it again in the next generation only. */
export function comparisonOf(ask: Ask, plan: ReplayPlan): Comparison {
  const { effect, group } = plan
  if (effect === "new-generation") return generationsOf(ask, plan)
  return {
    async begin() {
      if (effect === "sends-again") await ask({ command: "generation-begin", group })
    },
    compare: async () => null,
  }
}

/** Begins a new generation, and compares its totals with those of the one before it. */
function generationsOf(ask: Ask, { group, partitions }: ReplayPlan): Comparison {
  return {
    async begin() {
      await ask({ command: "generation-begin", group })
    },
    async compare() {
      const after = await ask({ command: "analytics-figures" })
      const before = await lastWithTotals(ask, after.generation - 1)
      const totals = { before: before?.totals ?? null, after: after.totals }
      if (before === undefined) return { identical: null, why: "There was nothing to compare them with.", ...totals }
      if (partitions.some(({ to }) => to > 0)) {
        const why = "They cover other records than those before: the oldest records are deleted, or were left out."
        return { identical: null, why, ...totals }
      }
      if (!isDeepStrictEqual(before.next_offsets, after.next_offsets)) {
        return { identical: null, why: "Newer records have been counted since.", ...totals }
      }
      const identical = isDeepStrictEqual(before.totals, after.totals)
      return { identical, why: identical ? "They are identical to those before." : "THEY DIFFER from those before.", ...totals }
    },
  }
}

/** A replay that ended half way leaves a generation without totals: the one before it is compared. */
async function lastWithTotals(ask: Ask, newest: number): Promise<GenerationFigures | undefined> {
  for (let generation = newest; generation >= 1; generation -= 1) {
    const figures = await ask({ command: "analytics-figures", generation })
    if (figures.totals !== null && figures.next_offsets.some(({ next_offset }) => next_offset > 0)) return figures
  }
  return undefined
}
