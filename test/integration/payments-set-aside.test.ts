import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog } from "../../core/adapters/kafka/event-log.ts"
import { PaymentOutcomeUnknown, type PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { readSetAside } from "../../core/adapters/postgres/payment-retries.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import {
  askBeforeEndSeconds,
  captureGraceSeconds,
  visibleAfterSeconds,
} from "../../core/workflows/payments/reconcile-payments.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { startPart } from "../services/parts.ts"
import { freshTopics } from "../services/topics.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
let relayPool: Pool
beforeAll(async () => {
  given = await givenCheckout()
  relayPool = await postgresPool({ role: "relay", size: 1 })
})
afterAll(async () => {
  await relayPool.end()
  await given.close()
})
afterEach(async () => {
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

/** One more than the reconciler takes of a kind in one call. */
const [perCall, oneMore] = [50, 51]

async function paid(count: number, method = "pm_card_visa") {
  const sku = await given.sku({ total_stock: count })
  const holds = await given.reserve(sku, count)
  const orders = await Promise.all(holds.map(async (hold) => (await given.pay(hold, { method })).body.order_id as string))
  return { sku, holds, orders }
}
const statusOf = async (orders: readonly string[]) => {
  const { rows } = await given.superuser.query<{ order_id: string; status: string }>(
    "SELECT order_id, status FROM orders WHERE order_id = ANY($1::uuid[])",
    [orders],
  )
  return new Map(rows.map(({ order_id, status }) => [order_id, status]))
}
const attemptsOf = async (orders: readonly string[]) => {
  const { rows } = await given.superuser.query<{ attempt_id: string }>(
    "SELECT attempt_id FROM orders WHERE order_id = ANY($1::uuid[])",
    [orders],
  )
  return new Set(rows.map(({ attempt_id }) => attempt_id))
}
const retries = async () => (await given.superuser.query("SELECT work, attempt_id, tries FROM payment_retries")).rows
/** Moves the data's clock: every payment that was set aside is due. */
const due = () =>
  given.superuser.query("UPDATE payment_retries SET next_at = clock_timestamp(), since = since - interval '1 hour'")

/** A provider that gives no definite answer about some payments. */
function failingFor(attemptIds: ReadonlySet<string>, operation: "capture" | "void" | "retrieve"): PaymentProvider {
  const { client } = given.provider
  const fail = () => Promise.reject(new PaymentOutcomeUnknown(operation, "planted"))
  return {
    ...client,
    capture: (payment) => (operation === "capture" && attemptIds.has(payment.attemptId) ? fail() : client.capture(payment)),
    void: (payment) => (operation === "void" && attemptIds.has(payment.attemptId) ? fail() : client.void(payment)),
  }
}

describe("an order whose capture always fails", () => {
  test("is set aside by the function, and every other order of its delivery is PAID within seconds", async () => {
    const topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "" })
    const kafka = kafkaClient((process.env.KAFKA_BROKERS ?? "").split(","), "set-aside-test")
    const events = createEventLog(kafka, topics.events)
    await given.superuser.query(
      "UPDATE event_progress SET published_seq = (SELECT seq FROM inventory i WHERE i.sku_no = event_progress.sku_no)",
    )
    const { orders, sku } = await paid(60)
    const [failing = ""] = orders
    // No payment has this name: the provider answers 404 to every try.
    const renamed = await given.superuser.query(
      `UPDATE payment_attempts a SET provider_ref = 'pi_of_nobody' FROM payment_attempts b, orders o
        WHERE o.order_id = $1 AND a.attempt_id = o.attempt_id AND b.attempt_id = a.attempt_id RETURNING a.attempt_id, b.provider_ref`,
      [failing],
    )
    await relayLedger({ pool: relayPool, events })
    await events.close()
    const part = await startPart("local/event-source/main.ts", {
      ...given.variables,
      EVENT_SOURCE: "event-reactor",
      CONSUMER_GROUP: `event-reactor-${topics.events}`,
      EVENTS_TOPIC: topics.events,
    })
    const startedMs = performance.now()
    const neighbours = orders.slice(1)
    await vi.waitFor(async () => expect(new Set((await statusOf(neighbours)).values())).toEqual(new Set(["PAID"])), {
      timeout: 30_000,
      interval: 100,
    })
    expect(performance.now() - startedMs).toBeLessThan(15_000)
    await vi.waitFor(async () => expect(await retries()).toMatchObject([{ work: "capture" }]), { timeout: 10_000 })
    // No record of the delivery comes again: the group's offset is beyond the failing record.
    const { partition } = sku
    await vi.waitFor(async () => expect(await lagOf(topics.events, `event-reactor-${topics.events}`, partition)).toBe(0), {
      timeout: 10_000,
    })
    await part.stop()
    expect((await statusOf([failing])).get(failing)).toBe("PENDING_CAPTURE")
    expect(part.printed()).toContain(failing)

    await given.superuser.query("UPDATE payment_attempts SET provider_ref = $2 WHERE attempt_id = $1", [
      renamed.rows[0].attempt_id,
      renamed.rows[0].provider_ref,
    ])
    await untilDone(
      async () => (await statusOf([failing])).get(failing) === "PAID",
      async () => {
        await due()
        await given.reconcile()
      },
    )
    expect(await retries()).toEqual([])
  })

  test("is tried again after pauses that double, is measured in the meantime, and is removed once it is paid", async () => {
    const { orders } = await paid(1)
    const stuck = await attemptsOf(orders)
    await given.age(captureGraceSeconds)
    const provider = failingFor(stuck, "capture")
    for (let tries = 1; tries <= 4; tries += 1) {
      await due()
      await given.reconcile({ provider })
    }
    const { rows } = await given.superuser.query(
      "SELECT tries, extract(epoch FROM next_at - clock_timestamp())::float8 AS pause, last_error FROM payment_retries",
    )
    expect(rows).toEqual([{ tries: 4, pause: expect.closeTo(20, -1), last_error: expect.stringContaining("OutcomeUnknown") }])
    expect(rows[0].pause).toBeGreaterThan(10)
    expect(await given.reconcile()).toMatchObject({ captured: 0 })
    expect(await readSetAside(given.reader)).toEqual({ payments: 1, ageMs: expect.any(Number) })
    expect((await readSetAside(given.reader)).ageMs).toBeGreaterThan(3_600_000)
    await due()
    expect(await given.reconcile()).toMatchObject({ captured: 1 })
    expect(await retries()).toEqual([])
  })
})

describe("payments that always fail, as many as one call of the reconciler takes, do not block another payment", () => {
  test("orders to be captured", async () => {
    const { orders } = await paid(oneMore)
    const last = orders.at(-1) ?? ""
    await given.superuser.query("UPDATE orders SET created_at = clock_timestamp() WHERE order_id = $1", [last])
    await given.age(captureGraceSeconds)
    const provider = failingFor(await attemptsOf(orders.slice(0, perCall)), "capture")
    await untilDone(
      async () => (await statusOf([last])).get(last) === "PAID",
      () => given.reconcile({ provider }),
    )
    await due()
    await untilDone(
      async () => new Set((await statusOf(orders)).values()).size === 1,
      async () => {
        await due()
        await given.reconcile()
      },
    )
  })

  test("abandoned attempts whose payment is to be cancelled", async () => {
    const sku = await given.sku({ total_stock: oneMore })
    const holds = await given.reserve(sku, oneMore)
    const keys = new Map(holds.map((hold) => [hold.id, randomUUID() as string]))
    await Promise.all(holds.map((hold) => given.pay(hold, { key: keys.get(hold.id) ?? "", method: "sim_lost_reply" })))
    await given.endHolds(sku.skuNo)
    await given.applyCommand(sku.skuNo, { kind: "expire" })
    const last = holds.at(-1) as Hold
    const { rows } = await given.superuser.query<{ attempt_id: string }>(
      "SELECT attempt_id FROM payment_attempts WHERE sku_no = $1 AND reservation_id <> $2",
      [sku.skuNo, last.id],
    )
    const provider = failingFor(new Set(rows.map(({ attempt_id }) => attempt_id)), "void")
    const isSettled = async () => (await given.attempts(last))[0]?.settled === true
    await untilDone(isSettled, () => given.reconcile({ provider }))
    await given.age(visibleAfterSeconds)
    await untilDone(
      async () =>
        (await given.superuser.query("SELECT FROM payment_attempts WHERE sku_no = $1 AND settled_at IS NULL", [sku.skuNo]))
          .rowCount === 0,
      async () => {
        await due()
        await given.reconcile()
      },
    )
  })

  test("holds that are about to end, among payments that no shopper confirms", async () => {
    const count = 101
    const sku = await given.sku({ total_stock: count })
    const holds = await given.reserve(sku, count)
    const url = new Map<string, string>()
    await Promise.all(
      holds.map(async (hold) => {
        const key = randomUUID()
        // A busy machine may answer 503: the call is repeated with the same key.
        await vi.waitFor(
          async () => {
            const { body } = await given.pay(hold, { key, method: "pm_card_threeDSecure2Required" })
            expect(body.action_url).toBeDefined()
            url.set(hold.id, String(body.action_url))
          },
          { timeout: 20_000 },
        )
      }),
    )
    const last = holds.at(-1) as Hold
    await given.provider.act(url.get(last.id) ?? "", "confirm")
    await given.superuser.query(
      "UPDATE reservations SET expires_at = clock_timestamp() + make_interval(secs => CASE id WHEN $2 THEN $3 ELSE $3 - 5 END) WHERE sku_no = $1",
      [sku.skuNo, last.id, askBeforeEndSeconds - 1],
    )
    await untilDone(
      async () => (await given.status(last)).body.status === "CONFIRMED",
      () => given.reconcile(),
    )
    await given.endHolds(sku.skuNo)
    await given.applyCommand(sku.skuNo, { kind: "expire" })
    await untilDone(
      async () =>
        (await given.superuser.query("SELECT FROM payment_attempts WHERE sku_no = $1 AND settled_at IS NULL", [sku.skuNo]))
          .rowCount === 0,
      async () => {
        await due()
        await given.reconcile()
      },
    )
  })
})

/** Calls the reconciler until the work is done, at most 60 times. */
async function untilDone(isDone: () => Promise<boolean>, reconcile: () => Promise<unknown>): Promise<void> {
  for (let calls = 0; calls < 60 && !(await isDone()); calls += 1) await reconcile()
  expect(await isDone()).toBe(true)
}

/** How many records of a partition a group has not committed. */
async function lagOf(topic: string, groupId: string, partition: number): Promise<number> {
  const kafka = kafkaClient((process.env.KAFKA_BROKERS ?? "").split(","), "set-aside-test")
  const [ends, [committed]] = await withAdmin(kafka, (admin) =>
    Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]),
  )
  const end = Number(ends.find((each) => each.partition === partition)?.high)
  return end - Number(committed?.partitions.find((each) => each.partition === partition)?.offset)
}
