import type { ApiRequest, Reply, Send } from "./client.ts"

/** A simulation of a content delivery network: shoppers are distributed over its points of presence, each with its own cache. */
export interface Edge {
  /** @returns the reply, and whether the edge answered it without the origin */
  read(shopperNumber: number, request: ApiRequest): Promise<{ reply: Reply; isHit: boolean }>
}

/** With 1 s of cache each, they send at most this many requests a second to the origin. */
export const pointsOfPresence = 100

interface Cached {
  readonly reply: Reply
  readonly freshUntilMs: number
  readonly usableUntilMs: number
}

/** No edge: every read goes to the origin. */
export const noEdge = (send: Send): Edge => ({
  read: async (_shopperNumber, request) => ({ reply: await send(request), isHit: false }),
})

/**
 * An edge that follows the origin's Cache-Control. It answers fresh content at once. It answers usable stale content at once,
 * too, and fetches the content again meanwhile. Any number of concurrent reads cause one request to the origin. The edge takes no
 * time itself: the network to it is not simulated.
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
