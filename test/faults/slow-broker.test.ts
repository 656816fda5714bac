import type { Pool } from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog } from "../../core/adapters/kafka/event-log.ts"
import { decodeEvent } from "../../core/contracts/events.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { relayLimits } from "../../core/workflows/allocation/relay-turn.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"
import { readTopic } from "../sale/topic-records.ts"
import { type FaultProxy, faultProxy } from "../services/fault-proxy.ts"
import { type PrivateKafka, privateKafka } from "../services/private.ts"
import { freshTopics } from "../services/topics.ts"

let given: GivenDatabase
let pool: Pool
let kafka: PrivateKafka
let link: FaultProxy
beforeAll(async () => {
  given = await givenDatabase()
  pool = await postgresPool({ role: "relay", size: 1 })
  kafka = await privateKafka(async (port) => {
    link = await faultProxy(port)
    return link
  })
})
afterAll(async () => {
  await kafka.stop()
  link.close()
  await pool.end()
  await given.close()
})

/** In each direction. A round trip is longer than PostgreSQL lets a transaction idle (4 s). */
const slowMs = 2_100

test("a broker that acknowledges after more than four seconds gets every event, once and in order", async () => {
  const topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "", kafkaBrokers: kafka.brokers })
  const events = createEventLog(
    kafkaClient([kafka.brokers], "relay-test", { requestTimeoutMs: relayLimits.maxSendMs }),
    topics.events,
  )
  const sku = await given.sku({ total_stock: 20 })
  // The connection is made before the fault.
  await relayLedger({ pool, events })
  const records = Array.from({ length: 20 }, () => requestRecord(sku))
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)

  link.delay(slowMs)
  const startedMs = performance.now()
  expect(await relayLedger({ pool, events })).toBe(1)
  expect(performance.now() - startedMs).toBeGreaterThan(2 * slowMs)
  link.delay(0)

  const { rows } = await given.superuser.query("SELECT published_seq, claim FROM event_progress WHERE sku_no = $1", [sku.skuNo])
  expect(rows).toEqual([{ published_seq: (await given.inventory(sku.skuNo)).seq, claim: null }])
  const ids = (await readTopic(topics.events, kafka.brokers))
    .map((value) => decodeEvent(value))
    .map((read) => "event" in read && read.event.event_id)
  expect(ids).toEqual([`${sku.skuNo}-1-0`, `${sku.skuNo}-2-0`, ...records.map((_, ord) => `${sku.skuNo}-3-${ord}`)])
  await events.close()
  await given.expectInvariants()
})
