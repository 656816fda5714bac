import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { recordsIn } from "../sale/topic-records.ts"

const seconds = 4
const goodPerSecond = 20
const hostilePerSecond = 200
const goodRequests = seconds * goodPerSecond
/** The first calls are slow because their code has not run yet: they are not measured. */
const warmingRequests = goodPerSecond

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
})
afterAll(() => sale.close())

/** Calls at an even rate, without waiting for the answers; resolves with all answers. */
async function atRate<Answer>(perSecond: number, times: number, call: (index: number) => Promise<Answer>): Promise<Answer[]> {
  const startMs = performance.now()
  const calls: Promise<Answer>[] = []
  for (let index = 0; index < times; index += 1) {
    await delay(Math.max(0, startMs + (index * 1_000) / perSecond - performance.now()))
    calls.push(call(index))
  }
  return Promise.all(calls)
}

const reserve = (skuId: string, sub: string) =>
  sale.call(
    "POST",
    "/v1/reservations",
    { sub, tier: 4 },
    { "idempotency-key": `key-of-${skuId}` },
    { sku_id: skuId, quantity: 1 },
  )

const p95 = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN

test("a flood of losers and strangers, ten for each good request, writes no record, and every good request gets its decision", async () => {
  const open = await sale.sku({ total_stock: 2 * goodRequests + warmingRequests })
  const gone = await sale.sku({ total_stock: 1 })
  await atRate(goodPerSecond, warmingRequests, (index) => reserve(open.skuId, `warming-${index}`))
  await reserve(gone.skuId, "the-winner")
  let losers = 0
  await until(async () => {
    losers += 1
    return !(await reserve(gone.skuId, `early-loser-${losers}`)).body.decided
  })
  const before = await recordsIn(sale.topics.requests)

  const good = (group: string) =>
    atRate(goodPerSecond, goodRequests, async (index) => {
      const sinceMs = performance.now()
      const { status } = await reserve(open.skuId, `${group}-${index}`)
      return { status, ms: performance.now() - sinceMs }
    })
  const unloaded = await good("before")
  const [flooded, hostile] = await Promise.all([
    good("during"),
    atRate(hostilePerSecond, seconds * hostilePerSecond, async (index) => {
      if (index % 2 === 0) return (await reserve(gone.skuId, `loser-${index}`)).status
      const stranger = { authorization: `Bearer stranger-${index}`, "idempotency-key": `key-of-${index}` }
      return (await sale.call("POST", "/v1/reservations", { sub: "nobody" }, stranger, { sku_id: open.skuId, quantity: 1 }))
        .status
    }),
  ])

  const [beforeMs, duringMs] = [unloaded, flooded].map((answers) => p95(answers.map(({ ms }) => ms)))
  console.log(
    `${hostilePerSecond} hostile requests/s beside ${goodPerSecond} good ones: good p95 ${beforeMs?.toFixed(1)} ms before, ` +
      `${duringMs?.toFixed(1)} ms during, ratio ${((duringMs ?? 0) / (beforeMs ?? 1)).toFixed(2)}`,
  )
  expect(new Set([...unloaded, ...flooded].map(({ status }) => status))).toEqual(new Set([201]))
  expect(Object.groupBy(hostile, (status) => String(status))).toEqual({
    401: Array(hostile.length / 2).fill(401),
    409: Array(hostile.length / 2).fill(409),
  })
  expect(await recordsIn(sale.topics.requests)).toBe(before + 2 * goodRequests)
  await sale.expectInvariants()
})
