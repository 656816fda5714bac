import type { Pool } from "pg"
import type { ConsumerGroups } from "../../core/adapters/kafka/groups.ts"
import { readProgress } from "../../core/adapters/postgres/lag.ts"
import { consumerGroups, groupNames } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import { lagIn } from "../../core/domain/replay.ts"

/** How far the records of a run have come, at one moment. */
export interface FlowMoment {
  /** Seconds since the first record was sent. */
  readonly seconds: number
  /** Requests decided, and events published, since the start of the run. */
  readonly decided: number
  readonly published: number
  /** Records that each group has not read. */
  readonly lags: Readonly<Record<string, number>>
}

export interface FlowDeps {
  readonly pool: Pool
  readonly groups: ConsumerGroups
}

/** Watches requests and events on their way. @returns looks at them once; the first look is the start of the run */
export function watchFlow({ pool, groups }: FlowDeps): () => Promise<FlowMoment> {
  const startedMs = performance.now()
  let first: { readonly decided: number; readonly published: number } | undefined

  return async () => {
    const { watermarks } = await readProgress(pool, topics.reservationRequests.name)
    const decided = [...watermarks.values()].reduce((sum, offset) => sum + offset, 0)
    const lags: Record<string, number> = {}
    let published = 0
    for (const group of groupNames()) {
      const { name } = topics[consumerGroups[group].topic]
      const ranges = (await groups.topicsOf(group, [name])).get(name) ?? []
      lags[group] = ranges.reduce((sum, range) => sum + lagIn(range), 0)
      if (name === topics.reservationEvents.name) published = ranges.reduce((sum, { end }) => sum + end, 0)
    }
    first ??= { decided, published }
    return {
      ...{ seconds: (performance.now() - startedMs) / 1_000, lags },
      ...{ decided: decided - first.decided, published: published - first.published },
    }
  }
}

const headings = ["s", "decided", "published"]

export const flowHeading = (): string => flowCells([...headings, ...groupNames().map((group) => `lag ${group}`)])

/** One line a look. */
export const flowLine = ({ seconds, decided, published, lags }: FlowMoment): string =>
  flowCells([seconds.toFixed(1), decided, published, ...groupNames().map((group) => lags[group] ?? 0)])

/** A column is as wide as its heading. */
function flowCells(cells: readonly (string | number)[]): string {
  const widths = [6, 9, 10, ...groupNames().map((group) => group.length + 4)]
  return cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join("  ")
}
