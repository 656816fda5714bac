import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { appendRaw, readTopic } from "../sale/topic-records.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { type Answer, type Ask, newKey } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"

/** The secrets that must not appear anywhere, by their kind. */
const secrets = new Map<string, string>()
const remember = (what: string, text: string): string => {
  secrets.set(text, what)
  return text
}

const shopper = remember("the subject of a token", "grace.hopper@navy.example.com")
const card = remember("the name of a card", "pm_card_canary_of_grace")
const cardNumber = remember("the number of a card", "4000056655665556")
const key = () => remember("an idempotency key", `canary-key-${newKey()}`)

/** Patterns that no log line may match: tokens and receipts, addresses, payment methods. */
const shapes = [/eyJ[\w-]{8,}\.[\w-]+/, /[\w.+-]+@[\w-]+\.[a-z]{2,}/i, /\bpm_card_\w+/, /bearer [\w.-]{8,}/i]

/** The secrets that are found in a text, and where. */
const leaksIn = (text: string): string[] => [
  ...[...secrets].flatMap(([secret, what]) => (text.includes(secret) ? [`${what}: ${around(text, text.indexOf(secret))}`] : [])),
  ...shapes.flatMap((shape) => {
    const at = text.search(shape)
    return at === -1 ? [] : [`${shape}: ${around(text, at)}`]
  }),
]
const around = (text: string, at: number) => text.slice(Math.max(0, at - 80), at + 120)

let shop: Awaited<ReturnType<typeof givenShop>>
let parts: Record<string, StartedPart>
const problemBodies: string[] = []

beforeAll(async () => {
  shop = await givenShop()
  const variables = { ...shop.api.variables, LOG_LEVEL: "DEBUG" }
  parts = {
    reactor: await startPart("local/event-source/main.ts", {
      ...variables,
      EVENT_SOURCE: "event-reactor",
      CONSUMER_GROUP: `reactor-${newKey()}`,
    }),
    scheduler: await startPart("local/scheduler/main.ts", variables),
  }
  remember("a token", await shop.api.token({ user: shopper }))
})
afterAll(async () => {
  await Promise.all(Object.values(parts ?? {}).map((part) => part.stop()))
  await shop.close()
})

async function ask(method: string, path: string, request: Ask = {}): Promise<Answer> {
  const answer = await shop.api.ask(method, path, { user: shopper, ...request })
  if (answer.status >= 400) problemBodies.push(JSON.stringify(answer.body))
  for (const receipt of [answer.body.receipt]) if (typeof receipt === "string") remember("a receipt", receipt)
  return answer
}
const reserve = (sku_id: string, more: Ask = {}) =>
  ask("POST", "/v1/reservations", { key: key(), body: { sku_id, quantity: 1 }, ...more })
const pay = (id: unknown, payment_method: string, more: Ask = {}) =>
  ask("POST", `/v1/reservations/${id}/checkout`, { key: key(), body: { payment_method }, ...more })

const linesOf = {
  gateway: () => shop.api.printed(),
  writer: () => shop.writer.printed(),
  reactor: () => parts.reactor?.printed() ?? "",
  scheduler: () => parts.scheduler?.printed() ?? "",
}
const says = (part: keyof typeof linesOf, text: string) => vi.waitFor(() => expect(linesOf[part]()).toContain(text), 30_000)

describe("a sale in which everything happens", () => {
  test("holds, payments, cancels and refusals", async () => {
    const sku = await shop.api.sku({ per_user_limit: 50, max_unpaid_holds: 50 })
    const ids: unknown[] = []
    for (let n = 0; n < 8; n += 1) ids.push((await reserve(sku)).body.reservation_id)
    const [paid, declined, unknownCard, lost, cancelled, ended] = ids
    expect((await pay(paid, "pm_card_visa")).status).toBe(201)
    expect((await pay(declined, "pm_card_chargeDeclined")).status).toBe(402)
    expect((await pay(unknownCard, card)).status).toBe(402)
    expect([201, 503]).toContain((await pay(lost, "sim_lost_reply")).status)
    expect((await ask("DELETE", `/v1/reservations/${cancelled}`)).status).toBe(200)
    await shop.endHold(String(ended))
    expect((await pay(ended, "pm_card_visa")).status).toBe(409)

    const again = key()
    await reserve(sku, { key: again })
    expect((await reserve(sku, { key: again, body: { sku_id: sku, quantity: 2 } })).status).toBe(422)
    expect((await ask("GET", `/v1/reservations/${paid}?receipt=eyJhbGciOiJFZERTQSJ9.e30.x`)).status).toBe(404)
  })

  test("requests with every kind of error", async () => {
    const sku = await shop.api.sku()
    const token = await shop.api.token({ user: shopper })
    const forged = remember("a forged token", `${token.slice(0, -8)}AAAAAAAA`)
    const wrong: Ask[] = [
      { headers: { authorization: `Bearer ${forged}` } },
      { headers: { authorization: `Basic ${Buffer.from(shopper).toString("base64")}` } },
      { body: `{"sku_id":"${sku}","quantity":1,"card":"${cardNumber}"}` },
      { body: `{"sku_id":"${shopper}","quantity":1}` },
      { body: `{"card":"${cardNumber}",` },
      { key: `${key()}/${shopper}` },
      { headers: { "x-forwarded-for": shopper, cookie: `session=${token}` } },
    ]
    for (const request of wrong) await reserve(sku, request)
    expect(problemBodies.length).toBeGreaterThan(6)
  })

  test("invalid records", async () => {
    const poison = Buffer.from(JSON.stringify({ user: shopper, card: cardNumber, key: key() }))
    await appendRaw(shop.topics.requests, 0, [{ key: shopper, value: poison }])
    await appendRaw(shop.topics.events, 0, [{ key: shopper, value: poison }])
    await says("reactor", "is no event; it is in the dead-letter topic")
  })

  test("outages during the sale", async () => {
    const sku = await shop.api.sku({ per_user_limit: 9, max_unpaid_holds: 9 })
    const { body } = await reserve(sku)
    // A fault of the schema: the statement names a table that does not exist any more.
    await shop.superuser.query("ALTER TABLE orders RENAME TO orders_elsewhere")
    expect((await ask("GET", "/v1/orders")).status).toBe(503)
    expect((await pay(body.reservation_id, "pm_card_visa")).status).toBe(503)
    await shop.superuser.query("ALTER TABLE orders_elsewhere RENAME TO orders")
    await says("gateway", "A dependency does not answer or refuses")

    // A write that PostgreSQL refuses with the row in its detail.
    await shop.superuser.query("ALTER TABLE reservations ADD CONSTRAINT of_the_test CHECK (quantity <> 7) NOT VALID")
    await reserve(sku, { body: { sku_id: sku, quantity: 7 }, headers: { prefer: "respond-async" } })
    await says("writer", "The writer cannot write")
    await shop.superuser.query("ALTER TABLE reservations DROP CONSTRAINT of_the_test")

    await shop.superuser.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await vi.waitFor(async () => expect((await ask("GET", "/v1/orders")).status).toBe(200), 30_000)

    const unpaid = await reserve(sku)
    await shop.provider.stop()
    expect((await pay(unpaid.body.reservation_id, card)).status).toBe(503)
  })
})

describe("no secret appears", () => {
  test("the check finds a leak", () => {
    expect(leaksIn(`{"message":"x","key":"${[...secrets.keys()].at(-1)}"}`)).toHaveLength(1)
    expect(leaksIn("Bearer abcdefghijk")).toHaveLength(1)
    expect(leaksIn('{"message":"The request failed","correlation_id":"7"}')).toEqual([])
  })
  test.each(Object.keys(linesOf) as (keyof typeof linesOf)[])("in the log of the %s", (part) => {
    expect(linesOf[part]()).toContain('"ready"')
    expect(leaksIn(linesOf[part]())).toEqual([])
  })
  test("in events", async () => {
    // The relay publishes once a second, and its connection was cut.
    const events = await vi.waitFor(
      async () => {
        const values = (await readTopic(shop.topics.events)).filter((value) => value.includes("event_id"))
        expect(values.length).toBeGreaterThan(8)
        return values
      },
      { timeout: 30_000, interval: 1_000 },
    )
    expect(leaksIn(events.join("\n"))).toEqual([])
  })
  test("in problems", () => {
    expect(problemBodies.filter((body) => leaksIn(body).length > 0)).toEqual([])
  })
})

test("afterwards every invariant holds", () => shop.expectInvariants())
