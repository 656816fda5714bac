import { setTimeout as delay } from "node:timers/promises"
import type { Kafka, Message } from "kafkajs"
import { withDeadline } from "../../concurrency/deadline.ts"
import { dial, type Link } from "./link.ts"
import { createRoute, type Route } from "./route.ts"
import { isAnswered, isKnownUnsent } from "./send-errors.ts"

/** Bounds of a sender. */
export const senderLimits = {
  /** The pause between two tries of a send. It doubles with each try: a partition that refuses must not keep its broker busy. */
  retryDelayMs: 50,
  maxRetryDelayMs: 400,
  /**
   * No try begins with less time than this. A try without an answer would make the outcome unknown; without the try, the messages
   * are certainly not in the log.
   */
  shortestTryMs: 250,
  /** Links of a sender: one for each partition with traffic. Of more partitions than this, some share one. */
  maxLinks: 10,
} as const

/** The result of a send to one partition. */
type SendResult =
  | { readonly kind: "acknowledged"; readonly baseOffset: number }
  /** No broker appended it. */
  | { readonly kind: "unsent"; readonly error: unknown }
  /** A broker may have appended it. */
  | { readonly kind: "unknown"; readonly error: unknown }

export interface Sender {
  /** Sends messages of one partition, trying again until `endsAtMs` (performance.now()). Never throws. */
  send(messages: readonly (Message & { partition: number })[], endsAtMs: number): Promise<SendResult>
  /**
   * Makes the link of a partition before its first send. @param through a client whose connections begin with the partition's
   * leader: the send then needs no other connection @throws kafkajs' errors
   */
  connect(partition: number, through: Kafka): Promise<void>
  close(): Promise<void>
}

export interface SenderOptions {
  readonly maxLinks: number
}

const deadlinePassed = "The deadline of the send has passed"

/**
 * Sends in bounded time. Each partition has a link of its own, made at its first send: the failure of one partition neither
 * delays the sends of the others nor closes their connections (ADR 0022). After an error that the broker answered, the link
 * stays. After a send without an answer, the link is replaced. The producer is not idempotent: duplicates are harmless here, and
 * a retry without end is not.
 */
export function createSender(kafka: Kafka, topic: string, { maxLinks }: SenderOptions = senderLimits): Sender {
  const routes = new Map<number, Route>()

  const routeOf = (partition: number, through = kafka): Route => {
    const place = partition % maxLinks
    let firstThrough = through
    const dialLink = () => {
      const client = firstThrough
      // A link that must be replaced begins with any broker: the leader may be what does not answer.
      firstThrough = kafka
      return dial(client, topic)
    }
    const route = routes.get(place) ?? createRoute(dialLink)
    routes.set(place, route)
    return route
  }

  return {
    async connect(partition, through) {
      await routeOf(partition, through).link()
    },
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
