import type { DeadLetter, DeadLetters } from "../../adapters/kafka/dead-letters.ts"
import { count, countWork, flushBeforeFreeze, logger } from "../../adapters/telemetry.ts"
import { bytesOf, type DeliveredRecord, type EventDelivery, headerOf } from "../../contracts/event-delivery.ts"
import { type AnySaleEvent, decodeEvent } from "../../contracts/events.ts"
import type { MskResponse } from "../../contracts/msk-event.ts"
import { traceApply } from "./trace-apply.ts"

/** From the send of records that are set aside to their acknowledgement, retries included. */
const maxKeepMs = 8_000

/** An event, the offset of its record, and the trace that its reservation belongs to, if it is sampled. */
export interface OffsetEvent {
  readonly offset: number
  readonly event: AnySaleEvent
  readonly traceparent?: string
}

/** The events of one partition in a delivery, in offset order, without the records that no consumer can read. */
export interface PartitionEvents {
  readonly topic: string
  readonly partition: number
  /** The first offset of the delivery, and the one after its last: unreadable records are between them, too. */
  readonly firstOffset: number
  readonly nextOffset: number
  readonly events: readonly OffsetEvent[]
}

export interface ConsumeDeps {
  readonly deadLetters: Pick<DeadLetters, "keep">
}

/**
 * Gives the events of a delivery to a consumer, partition by partition, all partitions at the same time. A record that is no
 * event is set aside in the dead-letter topic with its offset and the reason before its neighbours are applied: it is never lost,
 * and delays nothing.
 *
 * @param apply what the consumer does with the events of a partition. It resolves to the first offset that must be delivered
 * again, or to undefined; when it throws, all of its partition is delivered again
 * @returns the first record of each partition that must be delivered again
 */
export async function consumeEvents(
  { deadLetters }: ConsumeDeps,
  { records }: EventDelivery,
  apply: (partition: PartitionEvents) => Promise<number | undefined>,
): Promise<MskResponse> {
  const failures = await Promise.all(
    Object.entries(records).map(async ([name, delivered]) => {
      const [first] = delivered
      if (first === undefined) return []
      const { readable, dead } = divided(delivered)
      const offset = await setAside(deadLetters, name, dead)
        .then(() => traceApply(readable, () => apply(partitionOf(delivered, first, readable))))
        .catch((error: unknown) => again(name, first.offset, error))
      const left = offset === undefined ? 0 : delivered.filter((record) => record.offset >= offset).length
      countWork(delivered.length - left, left)
      return offset === undefined ? [] : [{ itemIdentifier: { partition: name, offset } }]
    }),
  )
  flushBeforeFreeze()
  return { batchItemFailures: failures.flat() }
}

/** @returns the events of a partition, and the records that are none */
function divided(delivered: readonly DeliveredRecord[]): { readable: readonly OffsetEvent[]; dead: readonly DeadLetter[] } {
  const readable: OffsetEvent[] = []
  const dead: DeadLetter[] = []
  for (const record of delivered) {
    const decoded = decodeEvent(textOf(record.value), textOf(record.key))
    if ("poison" in decoded) {
      dead.push({ record, reason: decoded.poison })
      continue
    }
    const traceparent = headerOf(record, "traceparent")
    readable.push({ offset: record.offset, event: decoded.event, ...(traceparent !== undefined && { traceparent }) })
  }
  return { readable, dead }
}

const textOf = (base64: string | null | undefined): string | undefined => bytesOf(base64)?.toString("utf8")

const partitionOf = (
  delivered: readonly DeliveredRecord[],
  { topic, partition, offset }: DeliveredRecord,
  events: readonly OffsetEvent[],
): PartitionEvents => ({
  ...{ topic, partition, events },
  firstOffset: offset,
  nextOffset: (delivered.at(-1)?.offset ?? offset) + 1,
})

async function setAside(deadLetters: ConsumeDeps["deadLetters"], partition: string, dead: readonly DeadLetter[]): Promise<void> {
  if (dead.length === 0) return
  await deadLetters.keep(dead, maxKeepMs)
  count("events.dead-lettered", dead.length)
  for (const { record, reason } of dead) {
    logger.error("A record of the event topic is no event; it is in the dead-letter topic, and the consumer goes on", {
      ...{ partition, offset: record.offset, reason },
    })
  }
}

function again(partition: string, offset: number, error: unknown): number {
  logger.error("Events could not be applied; they are delivered again", { partition, offset, error: error as Error })
  return offset
}
