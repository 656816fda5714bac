import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { RequestLog } from "../../core/adapters/kafka/request-log.ts"
import { createReservationReads } from "../../core/adapters/postgres/reservation-reads.ts"
import { createSkuDirectory, type SkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient, redisCommandTimeoutMs } from "../../core/adapters/redis/client.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { createDecisionWaiter, maxIdsPerPoll, maxWaiting } from "../../core/adapters/redis/decisions.ts"
import { away, createRedisGuard, firstContact, type RedisGuard } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createQueueGap } from "../../core/adapters/redis/queue-gap.ts"
import { encodeReservationView } from "../../core/adapters/redis/reservation-codec.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import { undecidedView } from "../../core/domain/reservation-view.ts"
import { type AdmitRequest, createAdmitRequest } from "../../core/workflows/admission/admit-request.ts"
import { createEnqueueRequest } from "../../core/workflows/admission/enqueue-request.ts"
import { resolveRequest, type ShopperRequest } from "../../core/workflows/admission/resolve-request.ts"
import { clientOf } from "../sale/given-admission.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"
import { addressThrough, faultProxy } from "../services/fault-proxy.ts"
import { type PrivateRedis, privateRedis } from "../services/private.ts"

let given: GivenDatabase
let server: PrivateRedis
beforeAll(async () => {
  ;[given, server] = await Promise.all([givenDatabase(), privateRedis()])
})
afterAll(() => Promise.all([given.close(), server.stop()]))

let redis: Redis
let guard: RedisGuard
beforeEach(async () => {
  redis = redisClient(server.url)
  await firstContact(redis)
  await redis.flushdb()
  guard = createRedisGuard(redis)
})
afterEach(() => redis.disconnect())

const askOften = (times: number) => Promise.all(Array.from({ length: times }, () => guard.ask(() => redis.ping())))
const elapsedMs = async (work: () => Promise<unknown>) => {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}
const isBack = () => vi.waitFor(async () => expect(await guard.ask(() => redis.ping())).toBe("PONG"), { timeout: 5_000 })

describe("a Redis that is unavailable", () => {
  test("because it hangs costs one timeout in total, not one for each request", async () => {
    server.freeze()
    expect(await guard.ask(() => redis.ping())).toBe(away)
    const costMs = await elapsedMs(async () => expect(new Set(await askOften(1_000))).toEqual(new Set([away])))
    server.thaw()
    expect(costMs).toBeLessThan(redisCommandTimeoutMs)
    await isBack()
  })

  test("because it was killed is noticed at once, and so is its return", async () => {
    await server.kill()
    const costMs = await elapsedMs(async () => expect(await guard.ask(() => redis.ping())).toBe(away))
    await server.start()
    expect(costMs).toBeLessThan(redisCommandTimeoutMs + 50)
    await isBack()
  })

  test("behind a connection that died silently is reached again over a new one", async () => {
    const path = await faultProxy(Number(new URL(server.url).port))
    const client = redisClient(addressThrough(path, server.url))
    await firstContact(client)
    const ownGuard = createRedisGuard(client)
    path.deafen()
    expect(await ownGuard.ask(() => client.ping())).toBe(away)
    await vi.waitFor(async () => expect(await ownGuard.ask(() => client.ping())).toBe("PONG"), { timeout: 10_000 })
    client.disconnect()
    path.close()
  })

  test("for a single answer only is called again right away", async () => {
    await guard.ask(() => Promise.reject(new Error("Command timed out")))
    expect(guard.isAway).toBe(true)
    await isBack()
  })
})

describe("admission without Redis", () => {
  let directory: SkuDirectory
  let admitRequest: AdmitRequest
  beforeEach(() => {
    directory = createSkuDirectory(given.reader, createConcurrencyLimit())
    const redisAdmission = createRedisAdmission(redis)
    admitRequest = createAdmitRequest({ directory, guard, gap: createQueueGap(redis), redisAdmission })
    server.freeze()
  })
  afterEach(() => server.thaw())

  const admit = async (skuId: string, { userId = randomUUID() as string, client = clientOf(4) } = {}) => {
    const request = { id: randomUUID(), userId, skuId, quantity: 1, joinWaitlist: false, client }
    const admission = await admitRequest(await resolved(request))
    return admission.kind === "refused" ? admission.reason : admission.kind
  }

  const resolved = async (request: ShopperRequest) => {
    const result = await resolveRequest(directory, request)
    return result.kind === "resolved" ? result.request : expect.unreachable(result.reason)
  }

  test("an open sale accepts requests, sold out or not: only the writer knows", async () => {
    const { skuId } = await given.sku({ total_stock: 0 })
    expect(await admit(skuId)).toBe("admitted")
  })

  test("a draft and a halted sale do not, and an opening is seen within a second", async () => {
    const draft = await given.sku({ total_stock: 1, status: "draft" })
    const halted = await given.sku({ total_stock: 1 })
    const { applyCommand } = given.parts()
    await applyCommand(halted.skuNo, { kind: "halt", skuNo: halted.skuNo })
    expect([await admit(draft.skuId), await admit(halted.skuId)]).toEqual(["sale-not-open", "sale-halted"])
    await applyCommand(draft.skuNo, { kind: "open", skuNo: draft.skuNo })
    await applyCommand(halted.skuNo, { kind: "resume", skuNo: halted.skuNo })
    await vi.waitFor(
      async () => expect([await admit(draft.skuId), await admit(halted.skuId)]).toEqual(["admitted", "admitted"]),
      { timeout: 3_000, interval: 20 },
    )
  })

  test("a queued request that Redis does not know removes the mark of the queue", async () => {
    server.thaw()
    await isBack()
    const { queue } = createCompleteness(redis)
    await queue.finish(await queue.begin())
    const sku = await given.sku({ total_stock: 1 })
    const known = { id: randomUUID(), userId: randomUUID(), skuId: sku.skuId, quantity: 1, joinWaitlist: false }
    const accepting: RequestLog = {
      append: async (_, __, partition) => ({ partition, offset: 7 }),
      connect: async () => {},
      close: async () => {},
    }
    const redisParts = { guard, redisAdmission: createRedisAdmission(redis), gap: createQueueGap(redis) }
    const enqueue = createEnqueueRequest({ ...redisParts, requestLog: accepting })
    const admit = createAdmitRequest({ ...redisParts, directory })
    const asked = await resolved(known)
    await enqueue(asked)
    await vi.waitFor(async () => expect(await redis.exists(redisKeys.reservation(known.id))).toBe(1))
    expect(await queue.isComplete()).toBe(true)
    server.freeze()
    await enqueue({ ...asked, id: randomUUID() })
    await vi.waitFor(() => expect(guard.isAway).toBe(true), { timeout: 5_000 })
    server.thaw()
    await isBack()
    // The next call does it, not a timer, because a process may be frozen.
    await admit({ ...asked, id: randomUUID() })
    expect(await queue.isComplete()).toBe(false)
  })

  test("each process limits its users with its own rate limiter", async () => {
    const { skuId } = await given.sku({ total_stock: 1 })
    const userId = randomUUID()
    expect(await admit(skuId, { userId, client: clientOf(1) })).toBe("admitted")
    expect(await admit(skuId, { userId, client: clientOf(1) })).toBe("rate-limited")
    expect(await admit(skuId, { client: clientOf(1) })).toBe("admitted")
  })

  test("a client is flagged by the signals of its request, and shares one try a minute with the others of its source", async () => {
    const { skuId } = await given.sku({ total_stock: 1 })
    const client = clientOf(2, { signals: ["no-visit", "odd-hello"], source: "0123456789abcdef" })
    expect([await admit(skuId, { client }), await admit(skuId, { client })]).toEqual(["admitted", "rate-limited"])
    expect(await admit(skuId, { client: clientOf(2, { source: "0123456789abcdef" }) })).toBe("admitted")
  })
})

describe("waiting for decisions", () => {
  const waiter = () =>
    createDecisionWaiter({
      redis,
      guard,
      readDecided: createReservationReads(given.reader, createConcurrencyLimit(), [requestsTopic]).decided,
    })
  const view = (id: string) => undecidedView({ id, owner: 1, skuNo: 1, quantity: 1, bodyHash: 1 })
  const reserve = (id: string) =>
    redis.set(redisKeys.reservation(id), encodeReservationView({ ...view(id), status: "RESERVED", seq: 1 }), "PX", 60_000)

  test("all callers that wait for one reservation get its decision, in any order of arrival", async () => {
    const { wait } = waiter()
    const id = randomUUID()
    const all = Promise.all([wait(id, 5_000), wait(id, 5_000), wait(id, 5_000)])
    await redis.set(redisKeys.reservation(id), encodeReservationView(view(id)))
    await reserve(id)
    const decisions = await all
    expect(decisions).toMatchObject(Array(3).fill({ id, status: "RESERVED" }))
    expect(decisions[0]?.remainingMs).toBeGreaterThan(50_000)
  })

  test("an admission or a position in the queue does not count as a decision", async () => {
    const { wait } = waiter()
    const id = randomUUID()
    await redis.set(redisKeys.reservation(id), encodeReservationView({ ...view(id), status: "QUEUED", offset: 1 }))
    expect(await wait(id, 100)).toBeUndefined()
    expect(await wait(id, 0)).toBeUndefined()
  })

  test("a caller does not wait when too many others wait already", async () => {
    const { wait } = waiter()
    const crowd = Promise.all(Array.from({ length: maxWaiting }, () => wait(randomUUID(), 200)))
    expect(await elapsedMs(() => wait(randomUUID(), 60_000))).toBeLessThan(100)
    await crowd
  })

  test("more reservations than fit into one read all get their decisions", async () => {
    const { wait } = waiter()
    const ids = Array.from({ length: 2 * maxIdsPerPoll + 1 }, () => randomUUID())
    const all = Promise.all(ids.map((id) => wait(id, 10_000)))
    await Promise.all(ids.map(reserve))
    expect((await all).map((decision) => decision?.id)).toEqual(ids)
  })

  test("without Redis the decision comes from PostgreSQL", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const [winner, loser] = [requestRecord(sku), requestRecord(sku)]
    server.freeze()
    const { wait } = waiter()
    const all = Promise.all([wait(winner.id, 10_000), wait(loser.id, 10_000)])
    const { writer } = given.parts()
    await writer.write(requestsTopic, sku.partition, given.append(sku.partition, [winner, loser]), longTimeLeftMs)
    expect(await all).toMatchObject([{ status: "RESERVED" }, { status: "REFUSED", reason: "sold-out" }])
    server.thaw()
    await given.expectInvariants()
  })
})
