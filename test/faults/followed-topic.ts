import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import type { RequestLog } from "../../core/adapters/kafka/request-log.ts"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import type { LogPosition } from "../../core/domain/queue-estimate.ts"
import { createEventSource } from "../../local/event-source/source.ts"

/** A consumer group that reads a topic, and the offsets that it was given in each partition, in the order of first copies. */
export async function followTopic(brokers: readonly string[], topic: string) {
  const read = new Map<number, number[]>()
  const known = new Set<string>()
  const source = createEventSource({
    ...{ brokers, topic, groupId: `follower-${randomUUID()}`, delivers: consumerGroups["event-reactor"].eventSource },
    async deliver(_topic, partition, messages) {
      const offsets = read.get(partition) ?? []
      read.set(partition, offsets)
      for (const { offset } of messages) {
        if (known.has(`${partition}-${offset}`)) continue
        known.add(`${partition}-${offset}`)
        offsets.push(Number(offset))
      }
      return { batchItemFailures: [] }
    },
  })
  await source.start()
  return {
    hasRead: (positions: readonly LogPosition[]) =>
      positions.every(({ partition, offset }) => known.has(`${partition}-${offset}`)),
    /** No record was left out, and first copies came in the order of their offsets. */
    expectOrder() {
      for (const offsets of read.values()) expect(offsets).toEqual(offsets.map((_, index) => index))
    },
    stop: () => source.stop(),
  }
}

/** Appends one record after the other to two partitions, and repeats what was not acknowledged, until it is stopped. */
export function steadyLoad(log: RequestLog, record: () => Parameters<RequestLog["append"]>[0]) {
  const acknowledged: LogPosition[] = []
  let stopped = false
  const run = async (partition: number) => {
    while (!stopped) {
      const position = await log.append(record(), "sku", partition).catch(() => undefined)
      if (position) acknowledged.push(position)
    }
  }
  const running = Promise.all([run(0), run(1)])
  return {
    acknowledged,
    async stop() {
      stopped = true
      await running
    },
  }
}
