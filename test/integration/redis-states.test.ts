import type { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { away, createRedisGuard, firstContact, writeProofIntervalMs } from "../../core/adapters/redis/guard.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { RedisAway, serverStateIn } from "../../core/adapters/redis/server-errors.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { admissionRequest } from "../sale/given-admission.ts"
import { addressThrough, type FaultProxy, faultProxy } from "../services/fault-proxy.ts"
import { type RedisPair, redisPair } from "../services/replicas.ts"

/** The time within which a recovered server is called again. */
const recoveryMs = 5_000

let pair: RedisPair
let link: FaultProxy
beforeAll(async () => {
  pair = await redisPair()
  link = await faultProxy(pair.primary.port)
})
afterAll(async () => {
  link.close()
  await pair.close()
})

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

async function connected(url: string): Promise<Redis> {
  const redis = redisClient(url)
  await firstContact(redis)
  return redis
}

/** Puts the primary into a state in which it answers PING and takes no write. @returns how to end that */
const states: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  async READONLY() {
    await pair.primary.client.call("REPLICAOF", "127.0.0.1", "1")
    return () => pair.primary.client.call("REPLICAOF", "NO", "ONE")
  },
  async MASTERDOWN() {
    await pair.primary.client.config("SET", "replica-serve-stale-data", "no")
    await pair.primary.client.call("REPLICAOF", "127.0.0.1", "1")
    return async () => {
      await pair.primary.client.call("REPLICAOF", "NO", "ONE")
      await pair.primary.client.config("SET", "replica-serve-stale-data", "yes")
    }
  },
  async OOM() {
    await pair.primary.client.config("SET", "maxmemory", "1")
    return () => pair.primary.client.config("SET", "maxmemory", "0")
  },
  async BUSY() {
    await pair.primary.client.config("SET", "busy-reply-threshold", "1")
    const busy = pair.replica.client.duplicate({ host: "127.0.0.1", port: pair.primary.port })
    const endless = errorOf(busy.eval("while true do end", 0))
    await vi.waitFor(async () => expect(serverStateIn(await errorOf(pair.primary.client.get("any")))).toBe("BUSY"))
    return async () => {
      await pair.primary.client.script("KILL")
      await endless
      busy.disconnect()
      await pair.primary.client.config("SET", "busy-reply-threshold", "5000")
    }
  },
}

describe("a server in a state in which it cannot serve", () => {
  test.each(Object.keys(states))(
    "%s is recognised in a command, a script and a pipeline, and no handler answers 500",
    async (state) => {
      const redis = await connected(pair.primary.url)
      const admit = createRedisAdmission(redis).admit
      const end = await states[state]?.()
      // A replica without its primary refuses a read with an error of its own.
      const errors = [
        await errorOf(state === "MASTERDOWN" ? redis.get("a") : redis.set("a", "b")),
        await errorOf(redis.eval("return redis.call('SET', 'a', 'b')", 0)),
        await errorOf(admit(admissionRequest())),
      ]
      await vi.waitFor(async () => expect(redis.status).toBe("ready"))
      errors.push((await redis.pipeline().set("a", "b").exec())?.[0]?.[0])
      await end?.()
      redis.disconnect()
      // The client leaves a replica at its first refusal: the next call may find no connection yet.
      expect(serverStateIn(errors[0])).toBe(state)
      expect(errors.map(isUnavailable)).toEqual(Array(4).fill(true))
    },
  )

  test("scripts that a new primary does not have are sent to it again", async () => {
    const redis = await connected(pair.primary.url)
    const { admit } = createRedisAdmission(redis)
    await admit(admissionRequest())
    await pair.primary.client.script("FLUSH")
    expect(await admit(admissionRequest())).toMatchObject({ kind: "admitted" })
    redis.disconnect()
  })

  test.each(["READONLY", "OOM"])(
    "%s: the guard reports Redis as unavailable at once, logs it once, and recovers by itself",
    async (state) => {
      const redis = await connected(pair.primary.url)
      const guard = createRedisGuard(redis)
      const warn = vi.spyOn(logger, "warn")
      const info = vi.spyOn(logger, "info")
      const write = () => guard.ask(() => redis.set("a", "b"))
      expect(await write()).toBe("OK")
      const end = await states[state]?.()
      expect(await write()).toBe(away)
      expect(await redis.ping().catch(() => "PONG")).toBe("PONG")
      expect(new Set(await Promise.all(Array.from({ length: 100 }, write)))).toEqual(new Set([away]))
      await end?.()
      await vi.waitFor(async () => expect(await write()).toBe("OK"), { timeout: recoveryMs, interval: 50 })
      expect(warn).toHaveBeenCalledTimes(1)
      expect(info).toHaveBeenCalledTimes(1)
      redis.disconnect()
    },
  )

  test("a call that Redis refuses because of its content does not count as an outage of Redis", async () => {
    const redis = await connected(pair.primary.url)
    const guard = createRedisGuard(redis)
    await redis.set("a", "b")
    vi.spyOn(logger, "error").mockImplementationOnce(() => {})
    expect(await guard.ask(() => redis.hget("a", "field"))).toBe(away)
    expect(guard.isAway).toBe(false)
    redis.disconnect()
  })

  test("a process that was frozen first checks whether Redis is still unavailable", async () => {
    const redis = await connected(pair.primary.url)
    const guard = createRedisGuard(redis)
    const end = await states.OOM?.()
    expect(await guard.ask(() => redis.set("a", "b"))).toBe(away)
    await vi.waitFor(() => expect(guard.isAway).toBe(true))
    await end?.()
    // Its clock jumps, and its timers have not run yet.
    const nowMs = performance.now()
    vi.spyOn(performance, "now").mockImplementation(() => nowMs + 60_000)
    expect(await guard.ask(() => redis.set("a", "b"))).toBe("OK")
    vi.restoreAllMocks()
    redis.disconnect()
  })
})

test("after a failover a process goes to the new primary, also one that only reads, and one that shows commits", async () => {
  const clients = await Promise.all(Array.from({ length: 3 }, () => connected(addressThrough(link, pair.primary.url))))
  const [writing, reading, showing] = clients
  if (!writing || !reading || !showing) throw new Error("There are three")
  const projection = createProjection(showing)
  const guards = [createRedisGuard(writing), createRedisGuard(reading)] as const
  const progress = { partition: 1, nextOffset: 1, decisionsPerSecond: 1 }
  await projection.project({ now: 0, progress })
  const serverOf = async (redis: Redis) => /tcp_port:(\d+)/.exec(await redis.info("server").catch(() => ""))?.[1]
  expect(await Promise.all(clients.map(serverOf))).toEqual(Array(3).fill(String(pair.primary.port)))

  await pair.inSync()
  await pair.promote()
  await pair.demote()
  link.leadTo(pair.replica.port)
  expect(await guards[0].ask(() => writing.set("a", "b"))).toBe(away)
  expect(await errorOf(projection.project({ now: 0, progress }))).toBeInstanceOf(RedisAway)
  // Every read is answered, and no answer shows that its server is not the primary any more.
  const read = () => guards[1].ask(() => reading.get("a"))
  expect(await read()).not.toBe(away)
  await vi.waitFor(
    async () => {
      await read()
      expect(await Promise.all(clients.map(serverOf))).toEqual(Array(3).fill(String(pair.replica.port)))
    },
    { timeout: writeProofIntervalMs + recoveryMs, interval: 50 },
  )
  await vi.waitFor(() => projection.project({ now: 0, progress: { ...progress, nextOffset: 7 } }), {
    timeout: recoveryMs,
    interval: 50,
  })
  expect(await pair.replica.client.hget("line:1", "next")).toBe("7")
  for (const client of clients) client.disconnect()
})
