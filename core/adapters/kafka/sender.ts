import { setTimeout as delay } from "node:timers/promises"
import type { Kafka, Message } from "kafkajs"
import { withDeadline } from "../../concurrency/deadline.ts"
import { dial, type Link } from "./link.ts"
import { createRoute, type Route } from "./route.ts"
import { isAnswered, isKnownUnsent } from "./send-errors.ts"

/** Bounds of a sender. */
export const senderLimits = {
  /** Between two tries of a send; twice as long each time, so that a partition that refuses does not keep its broker busy. */
  retryDelayMs: 50,
  maxRetryDelayMs: 400,
  /**
   * No try begins with less time than this: cut short, it would turn what is certainly not in the log into something nobody
   * knows.
   */
  shortestTryMs: 250,
  /** Links of a sender: one for each partition with traffic. Of more partitions than this, some share one. */
  maxLinks: 10,
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
  readonly maxLinks: number
}

const deadlinePassed = "The deadline of the send has passed"

/**
 * Sends in bounded time. Each partition has a link of its own, made at its first send, so that one partition's trouble is not the
 * others': they neither wait behind its sends nor lose their connections (ADR 0022). An error that the broker answered leaves the
 * link as it is; a send that is not answered has it replaced. It is not idempotent: duplicates are harmless here, and retrying
 * without end is not.
 */
export function createSender(kafka: Kafka, topic: string, { maxLinks }: SenderOptions = senderLimits): Sender {
  const routes = new Map<number, Route>()

  const routeOf = (partition: number): Route => {
    const place = partition % maxLinks
    const route = routes.get(place) ?? createRoute(() => dial(kafka, topic))
    routes.set(place, route)
    return route
  }

  return {
    async send(messages, endsAtMs) {
      const route = routeOf(messages[0]?.partition ?? 0)
      let mayBeThere = false
      if (performance.now() >= endsAtMs) return { kind: "unsent", error: new Error("It waited too long for its turn") }
      for (let retryDelayMs: number = senderLimits.retryDelayMs; ; retryDelayMs *= 2) {
        let link: Link | undefined
        try {
          link = await withDeadline(endsAtMs, route.link(), deadlinePassed)
          const result = await withDeadline(endsAtMs, link.send(messages, endsAtMs - performance.now()), deadlinePassed)
          if (result?.baseOffset === undefined) throw new Error(`No offset was answered for ${topic}`)
          return { kind: "acknowledged", baseOffset: Number(result.baseOffset) }
        } catch (error) {
          if (link !== undefined) {
            mayBeThere ||= !isKnownUnsent(error)
            if (!isAnswered(error)) route.renew(link)
          }
          const waitMs = Math.min(retryDelayMs, senderLimits.maxRetryDelayMs)
          if (performance.now() + waitMs + senderLimits.shortestTryMs >= endsAtMs)
            return { kind: mayBeThere ? "unknown" : "unsent", error }
          await delay(waitMs)
        }
      }
    },
    async close() {
      await Promise.all([...routes.values()].map((route) => route.close()))
    },
  }
}
