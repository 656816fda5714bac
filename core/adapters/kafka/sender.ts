import { setTimeout as delay } from "node:timers/promises"
import type { Kafka, Message } from "kafkajs"
import { dial, type Link, LinkRetired } from "./link.ts"
import { createRoute, type Route, routeLimits } from "./route.ts"
import { isAnswered, isKnownUnsent } from "./send-errors.ts"

/** Bounds of a sender. */
export const senderLimits = {
  /** Between two tries of a send; twice as long each time, so that a partition that refuses does not keep its broker busy. */
  retryDelayMs: 50,
  maxRetryDelayMs: 400,
  /** No try begins with less time than this: cut short, it would turn what is certainly not in the log into something nobody knows. */
  shortestTryMs: 250,
  /** Partitions with a route of their own at the same time. When more are slow, the brokers are, and connections do not help. */
  maxOwnRoutes: 4,
  /** A partition that has sent well for so long goes back to the others. */
  settledMs: 5_000,
} as const

/** What became of a send to one partition. */
type SendResult =
  | { readonly kind: "acknowledged"; readonly baseOffset: number }
  /** No broker appended it. */
  | { readonly kind: "unsent"; readonly error: unknown }
  /** A broker may have appended it. */
  | { readonly kind: "unknown"; readonly error: unknown }

export interface Sender {
  /** Sends messages of one partition, trying again until `endsAtMs` (performance.now()). Never throws. */
  send(messages: readonly (Message & { partition: number })[], endsAtMs: number): Promise<SendResult>
  close(): Promise<void>
}

export interface SenderOptions {
  /** A send that takes longer may hold up others: its partition gets a route of its own. */
  readonly slowSendMs: number
  /** What waits behind such a send for longer than this is sent again over a new link; without it, it goes on waiting. */
  readonly resendAfterMs?: number
}

/** A partition that is in trouble, and its own way to the broker. */
interface Troubled {
  readonly route: Route
  /** When a send was last slow or failed. */
  troubledAtMs: number
}

/**
 * Sends in bounded time, over connections that all partitions share, as long as all is well. One partition's trouble is not the others':
 * an error that the broker answered leaves the connection as it is; a send that is not answered in time gets its partition a route of its
 * own, and the shared link is replaced once, behind which others may wait (ADR 0022). It is not idempotent: duplicates are harmless here,
 * and retrying without end is not.
 */
export function createSender(kafka: Kafka, topic: string, { slowSendMs, resendAfterMs }: SenderOptions): Sender {
  const dialLink = () => dial(kafka, topic)
  const shared = createRoute(dialLink, {
    renewIntervalMs: routeLimits.renewSharedMs,
    ...(resendAfterMs !== undefined && { resendAfterMs }),
  })
  const troubled = new Map<number, Troubled>()

  /** Its own way comes first: the next send of the partition would block the new shared link as it did the old one. */
  const giveOwnRoute = async (partition: number, link: Link) => {
    const route = createRoute(dialLink, { renewIntervalMs: routeLimits.renewOwnMs })
    troubled.set(partition, { route, troubledAtMs: performance.now() })
    await route.link().catch(() => {})
    shared.renew(link)
  }

  const noteTrouble = (partition: number) => {
    const own = troubled.get(partition)
    if (own === undefined) return
    own.troubledAtMs = performance.now()
    if (!own.route.isConnected()) own.route.link().catch(() => {})
  }

  const noteSlow = (partition: number, link: Link) => {
    noteTrouble(partition)
    if (!troubled.has(partition) && troubled.size < senderLimits.maxOwnRoutes) void giveOwnRoute(partition, link)
  }

  const noteFailure = (partition: number, route: Route, link: Link | undefined, error: unknown) => {
    noteTrouble(partition)
    if (link !== undefined && !isAnswered(error) && !(error instanceof LinkRetired)) route.renew(link)
  }

  /** The shared link must be younger than the trouble: an older one may know leaders that are no more. */
  const noteSuccess = async (partition: number) => {
    const own = troubled.get(partition)
    if (own === undefined || performance.now() - own.troubledAtMs < senderLimits.settledMs) return
    const link = await shared.link().catch(() => undefined)
    if (link === undefined || troubled.get(partition) !== own) return
    if (link.madeAtMs < own.troubledAtMs) shared.renew(link)
    else {
      troubled.delete(partition)
      own.route.leave()
    }
  }

  /** One try over a link; notices when it takes long. */
  const trySend = async (link: Link, partition: number, messages: readonly Message[], endsAtMs: number) => {
    const slow = setTimeout(noteSlow, slowSendMs, partition, link)
    try {
      return await within(endsAtMs, link.send(messages, endsAtMs - performance.now()))
    } finally {
      clearTimeout(slow)
    }
  }

  return {
    async send(messages, endsAtMs) {
      const partition = messages[0]?.partition ?? 0
      let mayBeThere = false
      if (performance.now() >= endsAtMs) return { kind: "unsent", error: new Error("It waited too long for its turn") }
      for (let retryDelayMs: number = senderLimits.retryDelayMs; ; retryDelayMs *= 2) {
        const own = troubled.get(partition)?.route
        const route = own?.isConnected() ? own : shared
        let link: Link | undefined
        try {
          link = await within(endsAtMs, route.link())
          const result = await trySend(link, partition, messages, endsAtMs)
          if (result?.baseOffset === undefined) throw new Error(`No offset was answered for ${topic}`)
          if (troubled.size > 0) void noteSuccess(partition)
          return { kind: "acknowledged", baseOffset: Number(result.baseOffset) }
        } catch (error) {
          mayBeThere ||= link !== undefined && !isKnownUnsent(error)
          noteFailure(partition, route, link, error)
          const waitMs = error instanceof LinkRetired ? 0 : Math.min(retryDelayMs, senderLimits.maxRetryDelayMs)
          if (performance.now() + waitMs + senderLimits.shortestTryMs >= endsAtMs)
            return { kind: mayBeThere ? "unknown" : "unsent", error }
          await delay(waitMs)
        }
      }
    },
    async close() {
      await Promise.all([shared, ...[...troubled.values()].map(({ route }) => route)].map((route) => route.close()))
    },
  }
}

/** Settles as the promise does, or fails when its time is up; what comes later is ignored. */
async function within<T>(endsAtMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The deadline of the send has passed")), Math.max(0, endsAtMs - performance.now()))
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
