import { randomUUID } from "node:crypto"
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, inject, test } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { createEventCounter } from "../../core/workflows/streams/count-events.ts"
import { type CountedEvents, countedEvents, eventPartition } from "../sale/counted-events.ts"
import { eventStream, totalsOfStream } from "../sale/event-stream.ts"
import { until } from "../sale/running-sale.ts"
import { readRecords } from "../sale/topic-records.ts"
import { privateKafka } from "../services/private.ts"

const sku = { skuNo: 1, skuId: "sku-1" }
const other = { skuNo: 2, skuId: "sku-2" }

type AtEnd = (close: () => Promise<void>) => void

/** The tests run at the same time, each with a topic, a database and consumers of its own: most of their time they wait. */
async function given(atEnd: AtEnd, kafkaBrokers?: string): Promise<CountedEvents> {
  const events = await countedEvents(kafkaBrokers === undefined ? {} : { kafkaBrokers })
  atEnd(() => events.close())
  return events
}

/** Stops a consumer at a point of its delivery. */
function failpoint(point: string) {
  const file = join(inject("services").stateDir, `failpoint-${randomUUID()}`)
  return {
    variables: { FAILPOINT: `analytics:${point}`, FAILPOINT_FILE: file },
    reached: () => until(() => existsSync(file)),
    release: () => rmSync(file, { force: true }),
  }
}

test.concurrent.for(["counted", "stored"])(
  "a consumer killed when a delivery is %s counts each event once",
  async (point, { onTestFinished }) => {
    const events = await given(onTestFinished)
    await events.publish(sku, 1, 500)
    const stop = failpoint(point)
    const killed = await events.consumer(stop.variables)
    await stop.reached()
    killed.signal("SIGKILL")
    await killed.ended
    stop.release()
    expect((await events.state())?.nextOffset).toBe(point === "stored" ? 500 : undefined)
    await events.consumer()
    await events.committed(500)
    await events.publish(sku, 501, 10)
    expect(await events.counted(510)).toMatchObject(totalsOfStream(510))
    expect(await events.state()).toMatchObject({ nextOffset: 510, skippedRecords: 0, recreations: 0 })
  },
)

test.concurrent("of two consumers that have the same records, the slower one finds its state replaced, and counts nothing twice", async ({
  onTestFinished,
}) => {
  const events = await given(onTestFinished)
  await events.publish(sku, 1, 100)
  const stop = failpoint("counted")
  const slow = await events.consumer(stop.variables)
  await stop.reached()
  // The group has given the partition to another process, which counts the same records and further ones.
  const count = createEventCounter({ store: events.store })
  const delivered = (from: number, to: number) => ({
    ...{ topic: events.topics.events, partition: eventPartition, firstOffset: from, nextOffset: to },
    events: eventStream(sku, from + 1, to - from).map((event, index) => ({ offset: from + index, event })),
  })
  await count(delivered(0, 60))
  await count(delivered(60, 150))
  await events.publish(sku, 101, 60)
  stop.release()
  await events.committed(160)
  expect(slow.printed()).toContain("Another consumer has stored figures of this partition")
  expect(await events.counted(160)).toMatchObject(totalsOfStream(160))
  // The other process still has its old state in memory; its next records begin further on.
  await events.publish(sku, 161, 10)
  await events.counted(170)
  await count(delivered(150, 170))
  expect(await events.counted(170)).toMatchObject(totalsOfStream(170))
  expect(await events.state()).toMatchObject({ nextOffset: 170, skippedRecords: 0, recreations: 0 })
})

test.concurrent("a group beyond the end and one before the beginning go on, and what was never read is counted as skipped", async ({
  onTestFinished,
}) => {
  const events = await given(onTestFinished)
  await events.publish(sku, 1, 50)
  const first = await events.consumer()
  await events.committed(50)
  await first.stop()
  // Beyond the end: Kafka gives the group the records from the earliest one again.
  await events.setOffset(9_000)
  const second = await events.consumer()
  await events.publish(sku, 51, 50)
  expect(await events.counted(100)).toMatchObject(totalsOfStream(100))
  await events.committed(100)
  await second.stop()
  expect(await events.state()).toMatchObject({ nextOffset: 100, skippedRecords: 0, recreations: 0 })
  // Before the beginning: retention deletes 30 records that were not read, and 20 are left.
  await events.publish(other, 1, 50)
  const deleted = [{ partition: eventPartition, offset: "130" }]
  await withAdmin(events.kafka, async (admin) => {
    // kafkajs deletes only where it knows the leaders.
    await admin.fetchTopicOffsets(events.topics.events)
    await admin.deleteTopicRecords({ topic: events.topics.events, partitions: deleted })
  })
  const third = await events.consumer()
  await events.committed(150)
  expect((await events.counted(120)).events).toBe(120)
  expect(await events.state()).toMatchObject({ nextOffset: 150, skippedRecords: 30, recreations: 0 })
  expect(third.printed()).toContain("the figures lack them")
})

test.concurrent("a topic that was recreated is counted on from its first offset: nothing is lost, and nothing counted twice", async ({
  onTestFinished,
}) => {
  const events = await given(onTestFinished)
  await events.publish(sku, 1, 80)
  const first = await events.consumer()
  await events.committed(80)
  await first.stop()
  await events.recreateTopic()
  // The relay publishes its last entries again, then new ones.
  await events.publish(sku, 71, 40)
  const second = await events.consumer()
  expect(await events.counted(110)).toMatchObject(totalsOfStream(110))
  expect(await events.state()).toMatchObject({ nextOffset: 40, recreations: 1, skippedRecords: 0 })
  expect(second.printed()).toContain("the topic was recreated")
  await events.publish(sku, 111, 10)
  expect(await events.counted(120)).toMatchObject(totalsOfStream(120))
  expect(await events.state()).toMatchObject({ nextOffset: 50, recreations: 1 })
})

test.concurrent("records that are no events are set aside, and their neighbours are counted", async ({ onTestFinished }) => {
  const events = await given(onTestFinished)
  const poison = [
    { key: sku.skuId, value: "{" },
    { key: sku.skuId, value: null },
    { key: "another", value: JSON.stringify(eventStream(sku, 99, 1)[0]) },
    { key: sku.skuId, value: JSON.stringify({ ...eventStream(sku, 99, 1)[0], event_type: "unheard.of" }) },
  ]
  await events.publish(sku, 1, 20)
  await events.send(poison)
  await events.publish(sku, 21, 20)
  await events.consumer()
  expect(await events.counted(40)).toMatchObject(totalsOfStream(40))
  expect(await events.state()).toMatchObject({ nextOffset: 44, skippedRecords: 0 })
  const letters = await readRecords(events.topics.deadLetters)
  expect(letters.map(({ headers }) => [Number(headers.offset), headers.reason])).toEqual([
    [20, "not-json"],
    [21, "empty"],
    [22, "other-sku"],
    [23, "unknown-type"],
  ])
})

test.concurrent("a broker killed under load: each event is counted once when it is back", async ({ onTestFinished }) => {
  const broker = await privateKafka()
  onTestFinished(() => broker.stop())
  const events = await given(onTestFinished, broker.brokers)
  await events.consumer()
  const chunk = 200
  const chunks = 20
  for (let published = 0; published < chunks; published++) {
    if (published === chunks / 2) {
      await events.counted(chunk)
      await broker.kill()
      setTimeout(() => void broker.start(), 500)
    }
    // A send that fails may have been written: its events are published again, as the relay does.
    await until(() =>
      events.publish(sku, 1 + published * chunk, chunk).then(
        () => true,
        () => false,
      ),
    )
  }
  expect(await events.counted(chunk * chunks)).toMatchObject(totalsOfStream(chunk * chunks))
  expect(await events.state()).toMatchObject({ skippedRecords: 0, recreations: 0 })
})
