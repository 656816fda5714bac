import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { givenApi } from "../sale/given-api.ts"
import { plantClocks, type Skew } from "../sale/planted-clocks.ts"
import { until } from "../sale/running-sale.ts"
import { addressThrough, type FaultProxy, faultProxy } from "../services/fault-proxy.ts"
import type { StartedPart } from "../services/parts.ts"

vi.mock("../../core/adapters/redis/scripts/admit.lua", async (original) => {
  const { withSkewedClock } = await import("../sale/planted-clocks.ts")
  return { default: withSkewedClock((await original<{ default: string }>()).default) }
})

let given: Awaited<ReturnType<typeof givenApi>>
let clocks: Awaited<ReturnType<typeof plantClocks>>
let redisLink: FaultProxy
let parts: StartedPart[]
beforeAll(async () => {
  given = await givenApi(async (url) => {
    redisLink = await faultProxy(Number(new URL(url).port))
    return addressThrough(redisLink, url)
  })
  clocks = await plantClocks(given)
  parts = await Promise.all([given.startWriter(), given.startSweeper()])
})
afterAll(async () => {
  for (const part of parts) part.signal("SIGKILL")
  await given.close()
  redisLink.close()
  vi.restoreAllMocks()
})

/** The moment at which one sale opens and another closes, and for how long around it shoppers send requests. */
const momentInMs = 2_000
const pressingMs = 700
const pressEveryMs = 25
const shoppers = 6
/** A busy machine notices an opening within this. */
const noticedMs = 500
/** Redis answers no call in time. */
const awayDelayMs = 1_000

type Answer = Awaited<ReturnType<typeof given.reserve>> & { readonly status: number; readonly saidAtMs: number }

const press = async (shopper: string, skuId: string): Promise<Answer> => {
  const { status = 0, ...answer } = await given.reserve(`${shopper} of ${skuId}`, skuId, { prefer: "respond-async" })
  return { ...answer, status, saidAtMs: performance.now() }
}
const isRefused = ({ body }: Answer, slug: string) => body.type === `/problems/${slug}` && body.decided === false

/** One sale opens and one closes by itself at one moment. Shoppers send requests around it, each with one key a sale. */
async function momentUnder(skew: Skew) {
  await clocks.set(skew)
  const [opening, closing] = [await given.draft({ total_stock: 1_000 }), await given.sku({ total_stock: 1_000 })]
  const clock = await clocks.postgresClock()
  const momentMs = Math.ceil(clock.atMost(performance.now())) + momentInMs
  await given.superuser.query(
    `UPDATE inventory SET opens_at = CASE sku_id WHEN $1 THEN instant($3) ELSE opens_at END,
                          closes_at = CASE sku_id WHEN $2 THEN instant($3) ELSE closes_at END WHERE sku_id IN ($1, $2)`,
    [opening, closing, momentMs * 1_000],
  )
  const pgMs = () => clock.atLeast(performance.now())
  await delay(Math.max(0, momentMs - pressingMs - pgMs()))

  const before: Answer[] = []
  const pressUntilIn = async (shopper: string) => {
    for (;;) {
      const answer = await press(shopper, opening)
      before.push(answer)
      if (answer.status < 300 || pgMs() > momentMs + 10 * noticedMs) return answer.status
      await delay(pressEveryMs)
    }
  }
  const around: Answer[] = []
  const pressAgain = async () => {
    for (let index = 0; pgMs() < momentMs + pressingMs; index += 1) {
      around.push(await press(`shopper ${index}`, closing))
      await delay(pressEveryMs)
    }
  }
  const [won] = await Promise.all([
    Promise.all(Array.from({ length: shoppers }, (_, index) => pressUntilIn(`shopper ${index}`))),
    pressAgain(),
  ])
  return {
    opening,
    closing,
    won,
    accepted: around.filter(({ status }) => status < 300).length,
    wereEarly: before.filter((answer) => isRefused(answer, "sale-not-open")).length,
    wrong: {
      /** Admitted before PostgreSQL's clock can have shown the opening. */
      letInEarly: before.filter(({ status, saidAtMs }) => status < 300 && clock.atMost(saidAtMs) < momentMs).length,
      keptOutLate: before.filter(
        (answer) => isRefused(answer, "sale-not-open") && clock.atLeast(answer.saidAtMs) > momentMs + noticedMs,
      ).length,
      refusedEarly: around.filter((answer) => isRefused(answer, "sale-closed") && clock.atMost(answer.saidAtMs) < momentMs)
        .length,
    },
  }
}

/** A sale's decisions and their times in the ledger, once there are so many. */
const decisionsOf = (skuId: string, decided: number) =>
  until(async () => {
    const { rows } = await given.superuser.query<{ early: number; late: number; burned: number; decided: number }>(
      `SELECT count(*) FILTER (WHERE l.at < i.opens_at)::int AS early, count(*) FILTER (WHERE l.at >= i.closes_at AND l.amount > 0)::int AS late,
              max(i.refused_sale_not_open)::int AS burned, max(i.decided_reserved + i.refused_sale_closed + i.refused_sale_not_open)::int AS decided
         FROM ledger l JOIN inventory i USING (sku_no) WHERE i.sku_id = $1 AND l.kind = 'decided'`,
      [skuId],
    )
    return rows[0] !== undefined && rows[0].decided >= decided && rows[0]
  })

let probes = 0

/** Resolves when Redis is back for the sweeper, which shows the sale, and for the reserving process, which shows its request. */
async function isAskedAgain(skuId: string): Promise<boolean> {
  const { rows } = await given.superuser.query<{ sku_no: number }>("SELECT sku_no FROM inventory WHERE sku_id = $1", [skuId])
  if ((await given.redis.hexists(redisKeys.sale(rows[0]?.sku_no ?? 0), "complete")) === 0) return false
  probes += 1
  const { body } = await press(`probe ${probes}`, skuId)
  return (await given.redis.exists(redisKeys.reservation(body.reservation_id))) === 1
}

test.each<readonly [string, Skew & { readonly redisIsAway?: true }]>([
  ["PostgreSQL's clock is 2 s ahead", { postgres: 2 }],
  ["PostgreSQL's clock is 2 s behind", { postgres: -2 }],
  ["Redis's clock is 2 s ahead", { redis: 2 }],
  ["Redis's clock is 2 s behind", { redis: -2 }],
  ["Node's clock is 2 s ahead", { node: 2 }],
  ["Node's clock is 2 s behind", { node: -2 }],
  ["Node's clock is 2 s ahead and Redis is away", { node: 2, redisIsAway: true }],
])(
  "%s: an early request keeps its key, and no request is admitted, decided or refused before the time",
  async (_, { redisIsAway, ...skew }) => {
    if (redisIsAway) redisLink.delay(awayDelayMs)
    const { opening, closing, won, accepted, wereEarly, wrong } = await momentUnder(skew)
    redisLink.delay(0)
    expect(wrong).toEqual({ letInEarly: 0, keptOutLate: 0, refusedEarly: 0 })
    expect(won).toEqual(Array(shoppers).fill(202))
    expect(wereEarly).toBeGreaterThan(0)
    expect(accepted).toBeGreaterThan(0)
    expect(await decisionsOf(opening, shoppers)).toEqual({ early: 0, late: 0, burned: 0, decided: shoppers })
    expect(await decisionsOf(closing, accepted)).toEqual({ early: 0, late: 0, burned: 0, decided: accepted })
    await given.expectInvariants()
    if (redisIsAway) await until(() => isAskedAgain(opening))
  },
)

test("negative control: an admission that opens and closes by Redis's clock is caught", async () => {
  await clocks.openByRedis(true)
  const { wrong } = await momentUnder({ redis: 2 })
  await clocks.openByRedis(false)
  expect(wrong.letInEarly).toBeGreaterThan(0)
  expect(wrong.refusedEarly).toBeGreaterThan(0)
})
