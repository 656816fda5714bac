import { answerLimits } from "../../core/contracts/http/routes.ts"
import { givenPaymentProvider } from "../integration/bad-input-api.ts"
import { addressThrough, faultProxy } from "../services/fault-proxy.ts"
import { privateKafka, privatePostgres, privateRedis } from "../services/private.ts"
import { occupyConnections } from "./occupied-connections.ts"
import { runningSale, until } from "./running-sale.ts"

export type Operation = "reserve" | "status" | "availability" | "checkout"

/** The longest time of each operation, as the API states it. */
export const limitsMs: Readonly<Record<Operation, number>> = {
  reserve: answerLimits.reserveMs,
  status: answerLimits.readMs,
  availability: answerLimits.readMs,
  checkout: answerLimits.checkoutMs,
}

/** An answer, and the time it took. */
export interface TimedAnswer {
  readonly operation: Operation
  readonly shopper: string
  /** Status and problem, or status and state of the reservation. */
  readonly outcome: string
  readonly tookMs: number
}

/** The whole system on servers of its own, which a test may break and repair, and shoppers who use it. */
export async function shopWithFaults() {
  const [postgres, redis, kafka, provider] = await Promise.all([
    privatePostgres(),
    privateRedis(),
    privateKafka(),
    givenPaymentProvider(),
  ])
  const redisLink = await faultProxy(Number(new URL(redis.url).port))
  const sale = await runningSale({
    databaseUrl: postgres.url,
    superuserUrl: postgres.superuserUrl,
    redisUrl: addressThrough(redisLink, redis.url),
    kafkaBrokers: kafka.brokers,
    paymentApiUrl: provider.url,
  })
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
  const ids = new Map<string, string>()

  /** Calls as a shopper. The id of their reservation is kept for their later calls. */
  async function ask(operation: Operation, skuId: string, shopper: string): Promise<TimedAnswer> {
    const startedMs = performance.now()
    const { status, body } = await answerTo(operation, skuId, shopper)
    const tookMs = performance.now() - startedMs
    if (operation === "reserve" && body.reservation_id !== undefined) ids.set(shopper, body.reservation_id)
    const what = body.type?.replace("/problems/", "") ?? (operation === "availability" ? "" : body.status)
    return { operation, shopper, outcome: `${status} ${what}`.trim(), tookMs }
  }

  function answerTo(operation: Operation, skuId: string, shopper: string) {
    const path = `/v1/reservations/${ids.get(shopper)}`
    switch (operation) {
      case "reserve":
        return sale.reserve(skuId, shopper)
      case "status":
        return sale.get(path, shopper)
      case "availability":
        return sale.get(`/v1/skus/${skuId}/availability`, shopper)
      case "checkout": {
        const body = { payment_method: "pm_card_visa" }
        return sale.call("POST", `${path}/checkout`, { sub: shopper }, { "idempotency-key": `pay-of-${shopper}` }, body)
      }
    }
  }

  return {
    sale,
    postgres,
    redis,
    kafka,
    redisLink,
    ask,
    occupyConnections: () => occupyConnections(postgres.url, sale.superuser),

    /** Repeats a call, as the answers ask for, until the answer matches. */
    askUntil: (operation: Operation, skuId: string, shopper: string, wanted: RegExp) =>
      until(async () => {
        const answer = await ask(operation, skuId, shopper).catch(() => undefined)
        return answer !== undefined && wanted.test(answer.outcome) && answer
      }),

    async close() {
      await sale.close()
      redisLink.close()
      await Promise.all([postgres.stop(), redis.stop(), kafka.stop(), provider.stop()])
    },
  }
}

export type ShopWithFaults = Awaited<ReturnType<typeof shopWithFaults>>
