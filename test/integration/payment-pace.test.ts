import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createPace } from "../../core/adapters/payment/pace.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { freshRedis } from "../services/redis.ts"
import { givenPaymentProvider } from "./bad-input-api.ts"

const isLimited = (answer: string) => answer === "limited"

describe("processes that share a Redis", () => {
  test("share its call budget: together they make no more calls than allowed", async () => {
    const url = await freshRedis()
    const clients = [redisClient(url), redisClient(url), redisClient(url)]
    await Promise.all(clients.map(firstContact))
    const paces = clients.map((redis) => createPace({ callsPerSecond: 50, redis, longestWaitMs: 2_000 }))
    const madeAtMs: number[] = []
    const startedMs = performance.now()
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        paces[index % paces.length]?.inTurn(async () => {
          madeAtMs.push(performance.now() - startedMs)
          return "done"
        }, isLimited),
      ),
    )
    expect(madeAtMs).toHaveLength(60)
    expect(Math.max(...madeAtMs)).toBeGreaterThanOrEqual(59 * 20 - 50)
    for (const client of clients) client.disconnect()
  })

  test("use a local call budget while it does not answer", async () => {
    const redis = redisClient("redis://127.0.0.1:9")
    const pace = createPace({ callsPerSecond: 50, redis, longestWaitMs: 2_000 })
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => pace.inTurn(async () => "done", isLimited)))
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(19 * 20 - 50)
    redis.disconnect()
  })
})

describe.each<[number, string, Record<string, string>]>([
  [200, "a limiter of ours", { PAYMENT_CALLS_PER_SECOND: "25" }],
  [75, "the provider's refusals alone", {}],
])("%i checkouts at once, at a provider that allows 25 calls a second, with %s", (shoppers, _, variables) => {
  const holdMs = 120_000
  let sale: RunningSale
  let provider: Awaited<ReturnType<typeof givenPaymentProvider>>
  beforeAll(async () => {
    provider = await givenPaymentProvider(undefined, { PAYMENT_PROVIDER_CALLS_PER_SECOND: "25" })
    sale = await runningSale({ paymentApiUrl: provider.url })
    await Promise.all([sale.api(variables), sale.writer()])
  })
  afterAll(async () => {
    await sale.close()
    await provider.stop()
  })

  test("are all paid once and within the hold, by shoppers who retry after Retry-After", async () => {
    const { skuId } = await sale.sku({ total_stock: shoppers })
    const names = Array.from({ length: shoppers }, (__, index) => `shopper-${index}`)
    const holds = new Map<string, string>()
    await Promise.all(
      names.map(async (name) => {
        const id = await until(async () => {
          const { status, body } = await sale.reserve(skuId, name)
          return status === 201 && body.reservation_id
        })
        holds.set(name, id)
      }),
    )
    const startedMs = performance.now()
    const answersByStatus = new Map<number, number>()
    await Promise.all(
      names.map(async (name) => {
        for (;;) {
          const answer = await sale.send(
            "POST",
            `/v1/reservations/${holds.get(name)}/checkout`,
            { sub: name },
            { "idempotency-key": `pay-of-${name}` },
            { payment_method: "pm_card_visa" },
          )
          await answer.text()
          answersByStatus.set(answer.status, (answersByStatus.get(answer.status) ?? 0) + 1)
          if (answer.status !== 503) return
          await delay(Number(answer.headers.get("retry-after")) * 1_000)
        }
      }),
    )
    const tookMs = performance.now() - startedMs
    expect(answersByStatus.get(201)).toBe(shoppers)
    expect([...answersByStatus.keys()].filter((status) => status !== 201 && status !== 503)).toEqual([])
    expect(tookMs).toBeLessThan(holdMs / 2)
    // No faster than the provider allows, and not much slower.
    expect(tookMs).toBeGreaterThan((shoppers / 25 - 1) * 1_000)
    const { rows } = await sale.superuser.query(
      "SELECT count(*)::int AS orders, count(DISTINCT user_id)::int AS users FROM orders",
    )
    expect(rows).toEqual([{ orders: shoppers, users: shoppers }])
    const { items } = (await (await fetch(`${provider.url}/sim/payments`)).json()) as { items: { history: string[] }[] }
    expect(items.map(({ history }) => history.join())).toEqual(Array.from({ length: shoppers }, () => "authorised"))
    await sale.expectInvariants()
  }, 120_000)
})
