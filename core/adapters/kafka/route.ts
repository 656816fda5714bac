import { setTimeout as delay } from "node:timers/promises"
import type { Link } from "./link.ts"

/** Bounds of new connections: MSK with IAM accepts 100 a second on each broker, from all processes together. */
export const routeLimits = {
  /** Between two attempts to connect while there is no link. */
  dialIntervalMs: 250,
  /**
   * A link is replaced after this time at the earliest. The time doubles with each earlier link over which nothing was
   * acknowledged.
   */
  renewMs: 1_000,
  maxRenewMs: 4_000,
} as const

/** One link to the brokers, and how it is replaced. */
export interface Route {
  /** The link; made at the first call. @throws kafkajs' errors */
  link(): Promise<Link>
  /** Replaces a link that does not answer. The new link connects first; when that fails, the old link stays in use. */
  renew(link: Link): void
  close(): Promise<void>
}

export function createRoute(dialLink: () => Promise<Link>): Route {
  let current: Promise<Link> | undefined
  let connected: Link | undefined
  let isRenewing = false
  let isClosed = false
  let renewMs: number = routeLimits.renewMs
  let lastDialMs = Number.NEGATIVE_INFINITY

  const connect = async () => {
    const waitMs = lastDialMs + routeLimits.dialIntervalMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    lastDialMs = performance.now()
    return dialLink()
  }

  /** Replaces the link with a new one. */
  const use = (link: Link) => {
    connected?.retire()
    connected = link
    current = Promise.resolve(link)
    if (isClosed) link.retire()
  }

  const replace = async () => {
    isRenewing = true
    try {
      use(await connect())
      renewMs = Math.min(2 * renewMs, routeLimits.maxRenewMs)
    } catch {
      // The old link stays. The next send that fails over it asks again.
    } finally {
      isRenewing = false
    }
  }

  return {
    link() {
      if (current !== undefined) return current
      const dialled = connect()
      current = dialled
      dialled.then(use, () => {
        if (current === dialled) current = undefined
      })
      return dialled
    },
    renew(link) {
      if (link !== connected || isRenewing || isClosed) return
      if (link.hasAcknowledged) renewMs = routeLimits.renewMs
      if (performance.now() - lastDialMs >= renewMs) void replace()
    },
    async close() {
      isClosed = true
      const link = await current?.catch(() => undefined)
      await link?.close()
    },
  }
}
