import { afterEach, expect, test } from "vitest"
import type { AdminSku } from "../../core/contracts/http/admin.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { type PrivateKafka, privateKafka } from "../services/private.ts"

let sale: RunningSale | undefined
let kafka: PrivateKafka | undefined
afterEach(async () => {
  await sale?.close()
  await kafka?.stop()
})

/** The timeout of API Gateway. */
const gatewayTimeoutMs = 29_000

test("Kafka killed in the middle of a sale: one command continues the sale without it, another goes back, and queued requests are decided", async () => {
  const broker = await privateKafka()
  kafka = broker
  const running = await runningSale({ kafkaBrokers: broker.brokers })
  sale = running
  // No writer runs yet: requests that are accepted now are in the queue when the broker dies.
  await running.api({ DECISION_WAIT_MS: "0" })
  await running.sweeper()
  const { skuId } = await running.sku({ total_stock: 40 })
  const queued = await Promise.all(Array.from({ length: 10 }, (_, buyer) => running.reserve(skuId, `queued-${buyer}`)))
  expect(new Set(queued.map(({ status }) => status))).toEqual(new Set([202]))

  await broker.kill()
  const killedAtMs = performance.now()
  const refused = await running.reserve(skuId, "refused")
  expect(refused.status).toBe(503)
  expect(["/problems/temporarily-unavailable", "/problems/outcome-unknown"]).toContain(refused.body.type)

  const startedMs = performance.now()
  const advice = await running.steer("POST", `skus/${skuId}/mode`, { mode: "direct" })
  const advisedMs = performance.now() - startedMs
  expect(advice).toMatchObject({
    status: 409,
    body: {
      type: "/problems/backlog-not-drained",
      detail: expect.stringContaining(`npm run ops -- mode direct ${skuId} --force`),
    },
  })
  expect(advisedMs).toBeLessThan(gatewayTimeoutMs)
  expect(await running.ops("lag")).toMatchObject({ exitCode: 1, output: expect.stringContaining("mode direct <sku> --force") })
  expect(await running.ops("mode", "direct", skuId, "--force")).toMatchObject({ exitCode: 0 })
  const switchedAtMs = performance.now()
  const buy = (buyer: string) =>
    until(async () => {
      const answer = await running.reserve(skuId, buyer)
      return answer.status < 500 && answer
    })
  const direct = await Promise.all([buy("refused"), ...Array.from({ length: 19 }, (_, buyer) => buy(`direct-${buyer}`))])
  expect(new Set(direct.map(({ status, body }) => `${status} ${body.status}`))).toEqual(new Set(["201 RESERVED"]))
  console.log(
    `without force answered after ${Math.round(advisedMs)} ms; 20 direct decisions ${Math.round(performance.now() - switchedAtMs)} ms after the switch, ${Math.round(performance.now() - killedAtMs)} ms after the kill`,
  )

  // A switch back too early would refuse all requests: the answer says so, and only force does it.
  expect(await running.steer("POST", `skus/${skuId}/mode`, { mode: "batch" })).toMatchObject({
    status: 503,
    body: { type: "/problems/temporarily-unavailable", detail: expect.stringContaining("Kafka does not answer") },
  })
  await broker.start()
  await running.writer()
  const back = await until(async () => {
    const answer = await running.steer<AdminSku>("POST", `skus/${skuId}/mode`, { mode: "batch" })
    return answer.status === 200 && answer
  })
  expect(back.body.mode).toBe("batch")
  const decided = await Promise.all(
    queued.map(({ body }, buyer) =>
      until(async () => {
        const { body: now } = await running.get(
          `/v1/reservations/${body.reservation_id}?receipt=${body.receipt}`,
          `queued-${buyer}`,
        )
        return now.decided && now.status
      }),
    ),
  )
  expect(decided).toEqual(Array(10).fill("RESERVED"))
  const backAtMs = performance.now()
  const last = await Promise.all(Array.from({ length: 15 }, (_, buyer) => buy(`late-${buyer}`)))
  console.log(`the queue took requests again ${Math.round(performance.now() - backAtMs)} ms after the switch back`)
  const said = last.map(({ status, body }) => body.type ?? `${status} ${body.status}`)
  // Every shopper has a hold, also those who repeated the request while the producer reconnected to the broker.
  expect(said.filter((words) => !["202 QUEUED", "201 RESERVED", "/problems/sold-out"].includes(words))).toEqual([])
  // 10 from the queue before the outage, 20 directly, and the rest of the stock through the queue again.
  await until(async () => (await running.outcomes())[1] === 40)
  await running.expectInvariants()
})
