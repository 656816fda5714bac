import type { Answer } from "./answer.ts"
import { retryDelayMs, spread } from "./pace.ts"
import type { Listed, Page } from "./page-state.ts"
import { type At, dueIn, rest } from "./purchase-state.ts"

export const emptyList = { items: [], next: null, call: rest, isLoaded: false, failures: 0 } as const

/**
 * Takes over a page of a list. The first page replaces the head of what is shown: what was loaded behind it stays.
 * @param refreshMs when the first page is read again; undefined: never
 */
export function withPage<Item>(
  list: Listed<Item>,
  idOf: (item: Item) => string,
  { cursor, answer }: { readonly cursor: string | undefined; readonly answer: Answer<Page<Item>> },
  refreshMs: number | undefined,
  at: At,
): Listed<Item> {
  if (answer.kind !== "done") {
    const failures = list.failures + 1
    const retryAfterSeconds = answer.kind === "refused" ? answer.retryAfterSeconds : undefined
    const call = answer.kind === "signed-out" ? rest : dueIn(retryDelayMs(failures, retryAfterSeconds, at.random), at)
    return { ...list, failures, call }
  }
  const { items, next } = answer.body
  const fresh = new Set(items.map(idOf))
  const others = list.items.filter((item) => !fresh.has(idOf(item)))
  const isFirst = cursor === undefined
  const hasMore = isFirst && others.length > 0 ? list.next : next
  return {
    items: isFirst ? [...items, ...others] : [...others, ...items],
    next: hasMore,
    call: refreshMs === undefined ? rest : dueIn(spread(refreshMs, at.random), at),
    isLoaded: true,
    failures: 0,
  }
}
