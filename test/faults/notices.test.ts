import { randomUUID } from "node:crypto"
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Pool } from "pg"
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog, type EventLog } from "../../core/adapters/kafka/event-log.ts"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import type { AnySaleEvent } from "../../core/contracts/events.ts"
import { expired, givenNotices } from "../sale/given-notices.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

let database: TestDatabase
let environment: HandlerEnvironment
let topics: TestTopics
let given: Awaited<ReturnType<typeof givenNotices>>
let log: EventLog
let superuser: Pool
const parts: StartedPart[] = []
const kafka = kafkaClient([inject("services").kafkaBrokers], "notices-test")

beforeAll(async () => {
  database = await freshDatabase()
  superuser = new Pool({ connectionString: database.superuserUrl, max: 1 })
  topics = await freshTopics({ databaseUrl: database.superuserUrl })
  given = await givenNotices(database.url)
  environment = await handlerEnvironment({
    databaseUrl: database.url,
    redisUrl: await freshRedis(),
    topics,
    more: given.variables,
  })
  log = createEventLog(kafka, topics.events)
})
afterAll(async () => {
  expect((await checkInvariants(superuser)).checks.filter(({ ok }) => !ok)).toEqual([])
  for (const part of parts) part.signal("SIGKILL")
  await Promise.all([given.close(), environment.close(), log.close(), superuser.end()])
  await database.drop()
})

const notifier = async (group: string, more: Record<string, string> = {}) => {
  const variables = { ...environment.variables, EVENT_SOURCE: "notifier", CONSUMER_GROUP: group, ...more }
  const part = await startPart("local/event-source/main.ts", variables)
  parts.push(part)
  return part
}
const publish = (events: readonly AnySaleEvent[], partition: number) => log.publish({ skuId: "sku-1", partition, events }, 5_000)

const stateOf = async ({ reservation_id }: AnySaleEvent) =>
  (await given.store.list({ reservationId: reservation_id, limit: 10 })).map(({ state }) => state)
const mailsOf = ({ event_id }: AnySaleEvent) => given.mails.filter(({ eventId }) => eventId === event_id).length
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 })

/** Kills a notifier at a failpoint, and starts another one. @returns the events that it was writing about */
async function killAt(point: string): Promise<AnySaleEvent[]> {
  const own = await freshTopics({ databaseUrl: database.superuserUrl, partitions: 1 })
  const ownLog = createEventLog(kafka, own.events)
  const group = `notifier-${randomUUID()}`
  const file = join(inject("services").stateDir, `failpoint-${group}`)
  const onTopic = { EVENTS_TOPIC: own.events }
  const killed = await notifier(group, { ...onTopic, FAILPOINT: `notifier:${point}`, FAILPOINT_FILE: file })
  const events = [expired(), expired(), expired()]
  await ownLog.publish({ skuId: "sku-1", partition: 0, events }, 5_000)
  await soon(() => expect(existsSync(file)).toBe(true))
  killed.signal("SIGKILL")
  await killed.ended
  rmSync(file)
  const next = await notifier(group, onTopic)
  const last = expired()
  await ownLog.publish({ skuId: "sku-1", partition: 0, events: [last] }, 5_000)
  await soon(async () => expect(await stateOf(last)).toEqual(["SENT"]))
  next.signal("SIGTERM")
  await Promise.all([next.ended, ownLog.close()])
  return events
}

test("a notifier killed before or after the send leaves a notice that is not sent again, and loses no other", async () => {
  // Both wait for the group to notice the death of its member.
  const [before, after] = await Promise.all([killAt("intended"), killAt("sent")])
  for (const [events, mails] of [
    [before, 0],
    [after, 1],
  ] as const) {
    const states = (await Promise.all(events.map(stateOf))).flat()
    const unknown = events.filter((_event, index) => states[index] === "UNKNOWN")
    // One stopped at the failpoint. A send beside it may have had no time to record its outcome, too.
    expect(unknown.length).toBeGreaterThanOrEqual(1)
    expect(unknown.filter((event) => mailsOf(event) === mails).length).toBeGreaterThanOrEqual(1)
    for (const event of events) expect(mailsOf(event)).toBeLessThanOrEqual(1)
    const others = events.filter((event) => !unknown.includes(event))
    expect(others.map(mailsOf)).toEqual(others.map(() => 1))
    expect(states.filter((state) => state === "SENT")).toHaveLength(others.length)
  }
})

test("two notifiers of one group that win and lose partitions write once about each event", async () => {
  const group = `notifier-${randomUUID()}`
  const first = await notifier(group)
  const events = Array.from({ length: 200 }, () => expired())
  const byPartition = Map.groupBy(events, (_event, index) => index % 10)
  for (const [partition, ofPartition] of byPartition) await publish(ofPartition.slice(0, 10), partition)
  // The group assigns its partitions again in the middle of the work.
  const second = await notifier(group)
  for (const [partition, ofPartition] of byPartition) await publish(ofPartition.slice(10), partition)
  await soon(async () => {
    for (const event of [...byPartition.values()].map((of) => of.at(-1))) if (event) expect(await stateOf(event)).not.toEqual([])
    expect((await given.store.list({ state: "INTENDED", limit: 1 })).length).toBe(0)
  })
  for (const part of [first, second]) part.signal("SIGTERM")
  await Promise.all([first.ended, second.ended])
  const states = await Promise.all(events.map(stateOf))
  expect(states.every(([state]) => state === "SENT" || state === "UNKNOWN")).toBe(true)
  expect(events.map(mailsOf).every((mails) => mails <= 1)).toBe(true)
  // A notice that was given up although its mail was sent is possible only for a send that was in flight at the change.
  expect(events.filter((event) => mailsOf(event) === 0)).toEqual([])
})
