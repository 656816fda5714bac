import { setTimeout as delay } from "node:timers/promises"
import type { Link } from "./link.ts"

/** Bounds of dialling: MSK with IAM takes 100 new connections a second on each broker, of all processes together. */
export const routeLimits = {
  /** Between two attempts to connect while there is no link. */
  dialIntervalMs: 250,
  /** A link lives at least so long before it is replaced: one that all share, and one of a partition in trouble. */
  renewSharedMs: 5_000,
  renewOwnMs: 2_000,
} as const

export interface RouteOptions {
  readonly renewIntervalMs: number
  /** A send that a replaced link has not answered after this fails, to be sent again over the new one; without it, it is waited for. */
  readonly resendAfterMs?: number
}

/** A way to the brokers: one link, and how it is replaced. */
export interface Route {
  /** The link, made if there is none. @throws kafkajs' errors */
  link(): Promise<Link>
  isConnected(): boolean
  /** Replaces a link that is slow or broken: the new one is connected first, and a failure leaves the old one where it is. */
  renew(link: Link): void
  /** Lets the link end what is under way, and closes it. */
  leave(): void
  close(): Promise<void>
}

export function createRoute(dialLink: () => Promise<Link>, { renewIntervalMs, resendAfterMs }: RouteOptions): Route {
  let current: Promise<Link> | undefined
  let connected: Link | undefined
  let isRenewing = false
  let isClosed = false
  let lastDialMs = Number.NEGATIVE_INFINITY

  const connect = async () => {
    const waitMs = lastDialMs + routeLimits.dialIntervalMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    lastDialMs = performance.now()
    return dialLink()
  }

  /** Puts a link in the place of the one before. */
  const use = (link: Link) => {
    connected?.retire(resendAfterMs)
    connected = link
    current = Promise.resolve(link)
    if (isClosed) link.retire()
  }

  const replace = async () => {
    isRenewing = true
    try {
      use(await connect())
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
    isConnected: () => connected !== undefined,
    renew(link) {
      const isTooEarly = performance.now() - lastDialMs < renewIntervalMs
      if (link !== connected || isRenewing || isTooEarly || isClosed) return
      void replace()
    },
    leave() {
      isClosed = true
      connected?.retire()
    },
    async close() {
      isClosed = true
      const link = await current?.catch(() => undefined)
      await link?.close()
    },
  }
}
