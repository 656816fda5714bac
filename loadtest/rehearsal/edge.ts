import type { ApiRequest, Reply, Send } from "./client.ts"

/**
 * What a content delivery network does for a sale, simulated: shoppers are spread over its points, each with a cache of its own.
 */
export interface Edge {
  /** @returns the reply, and whether the origin was spared for it */
  read(shopperNumber: number, request: ApiRequest): Promise<{ reply: Reply; isHit: boolean }>
}

/** With 1 s of cache each they ask the origin at most so often a second. */
export const pointsOfPresence = 100

interface Cached {
  readonly reply: Reply
  readonly freshUntilMs: number
  readonly usableUntilMs: number
}

/** No edge at all: every read goes to the origin. */
export const noEdge = (send: Send): Edge => ({
  read: async (_shopperNumber, request) => ({ reply: await send(request), isHit: false }),
})

/**
 * An edge that obeys the origin's Cache-Control: what is fresh is answered at once, what is stale but usable too, while it is
 * fetched anew; and however many ask for the same meanwhile, the origin is asked once. It takes no time itself: the way to it is
 * not simulated.
 */
export function createEdge(send: Send, nowMs: () => number = () => performance.now()): Edge {
  const cached = new Map<string, Cached>()
  const underWay = new Map<string, Promise<Reply>>()

  const fetchOnce = (key: string, request: ApiRequest): Promise<Reply> => {
    const already = underWay.get(key)
    if (already) return already
    const fetched = send(request).then((reply) => {
      underWay.delete(key)
      keep(key, reply)
      return reply
    })
    underWay.set(key, fetched)
    return fetched
  }

  const keep = (key: string, reply: Reply): void => {
    if (reply.kind === "failed" || reply.status !== 200) return
    const { maxAgeSeconds, staleSeconds } = freshnessOf(reply.cacheControl)
    const freshUntilMs = nowMs() + maxAgeSeconds * 1_000
    cached.set(key, { reply, freshUntilMs, usableUntilMs: freshUntilMs + staleSeconds * 1_000 })
  }

  return {
    async read(shopperNumber, request) {
      const key = `${shopperNumber % pointsOfPresence} ${request.path}`
      const entry = cached.get(key)
      if (entry && nowMs() < entry.freshUntilMs) return { reply: entry.reply, isHit: true }
      const isShared = underWay.has(key)
      const fetched = fetchOnce(key, request)
      if (entry && nowMs() < entry.usableUntilMs) return { reply: entry.reply, isHit: true }
      return { reply: await fetched, isHit: isShared }
    },
  }
}

function freshnessOf(cacheControl = ""): { maxAgeSeconds: number; staleSeconds: number } {
  const seconds = (directive: string) => Number(new RegExp(`\\b${directive}=(\\d+)`).exec(cacheControl)?.[1] ?? 0)
  return { maxAgeSeconds: seconds("max-age"), staleSeconds: seconds("stale-while-revalidate") }
}
