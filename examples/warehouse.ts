/**
 * A warehouse: reads the paid and refunded orders of the shop, and acts on each record once. Start it with KAFKA_BROKERS set.
 * The journal stands for your database: it must record the id of the event in the transaction that does the work.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { Kafka } from "kafkajs"

const { KAFKA_BROKERS = "127.0.0.1:9092", ORDERS_TOPIC = "orders-confirmed" } = process.env
const { WAREHOUSE_GROUP = "warehouse", WAREHOUSE_JOURNAL = "shipments.jsonl" } = process.env

/** The members of a record that this warehouse uses (docs/schemas/orders-confirmed-v1.json). */
interface OrderRecord {
  readonly version: number
  readonly event_id: string
  readonly event_type: "order.confirmed" | "order.refunded"
  readonly order_id: string
  readonly sku_id: string
  readonly quantity: number
  readonly units_returned?: boolean
}

const lines = existsSync(WAREHOUSE_JOURNAL) ? readFileSync(WAREHOUSE_JOURNAL, "utf8").split("\n").filter(Boolean) : []
const done = new Set(lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id))

/** Records what to do, unless it was recorded before: the same record may come several times. */
function act(record: OrderRecord): void {
  if (record.version !== 1) throw new Error(`Version ${record.version} of ${record.event_id} is unknown: stop and update`)
  if (done.has(record.event_id)) return
  const { event_id, event_type, order_id, sku_id, quantity, units_returned = false } = record
  const act = event_type === "order.confirmed" ? "ship" : units_returned ? "stop" : "keep"
  appendFileSync(WAREHOUSE_JOURNAL, `${JSON.stringify({ act, event_id, order_id, sku_id, quantity })}\n`)
  done.add(event_id)
}

const kafka = new Kafka({ clientId: "warehouse", brokers: KAFKA_BROKERS.split(",") })
// Another process takes over 6 s after this one died.
const consumer = kafka.consumer({ groupId: WAREHOUSE_GROUP, sessionTimeout: 6_000, heartbeatInterval: 1_500 })
await consumer.connect()
await consumer.subscribe({ topics: [ORDERS_TOPIC], fromBeginning: true })
// kafkajs commits an offset after the record was acted on: a crash in between delivers the record again.
await consumer.run({
  eachMessage: async ({ message: { value } }) => {
    if (value !== null) act(JSON.parse(value.toString()) as OrderRecord)
  },
})

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void consumer.disconnect().then(() => process.exit(0)))
