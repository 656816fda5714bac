import { randomUUID } from "node:crypto"
import { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { extendOnce } from "../../core/adapters/postgres/hold-extension.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createProjection, type ProjectedSale } from "../../core/adapters/redis/projection.ts"
import { encodeReservationView } from "../../core/adapters/redis/reservation-codec.ts"
import admitScript from "../../core/adapters/redis/scripts/admit.lua"
import projectProgress from "../../core/adapters/redis/scripts/project-progress.lua"
import projectSale from "../../core/adapters/redis/scripts/project-sale.lua"
import projectViews from "../../core/adapters/redis/scripts/project-views.lua"
import type { AdmissionRequest } from "../../core/domain/admission.ts"
import { keyedCommand, operatorsId } from "../../core/domain/keyed-command.ts"
import { undecidedView } from "../../core/domain/reservation-view.ts"
import { firstBatch, planOf, scopeOf } from "../../lambdas/batch-writer/batch.ts"
import { admissionRequest } from "../sale/given-admission.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { requestRecord } from "../sale/records.ts"
import { type RedisPair, redisPair } from "../services/replicas.ts"

/** The one unit of a sale at a ledger sequence: taken, or free. */
const saleOf = (skuNo: number, seq: number, reserved: number, more: Partial<ProjectedSale> = {}): ProjectedSale => ({
  skuNo,
  seq,
  balances: { total: 1, reserved, sold: 0, waitlisted: 0 },
  waitlistLimit: 0,
  status: "open",
  mode: "batch",
  asOf: Date.now() * 1_000,
  ...more,
})

const answerOf = async (redis: Redis, request: AdmissionRequest, script?: string): Promise<string> => {
  const admission = await createRedisAdmission(redis, { script }).admit(request)
  return admission.kind === "refused" ? admission.reason : admission.kind
}

describe("a replica that is promoted", () => {
  let pair: RedisPair
  let old: Redis
  let promoted: Redis
  beforeEach(async () => {
    pair = await redisPair()
    old = redisClient(pair.primary.url)
    promoted = redisClient(pair.replica.url)
    await Promise.all([old, promoted].map(firstContact))
  })
  afterEach(async () => {
    for (const client of [old, promoted]) client.disconnect()
    await pair.close()
  })
  const skuNo = 7

  /** A sale is sold out and complete on both servers. Then the replica misses that the unit went to another shopper. */
  async function lostTail(): Promise<AdmissionRequest> {
    const completeness = createCompleteness(old)
    await createProjection(old).project({ now: 0, sales: [saleOf(skuNo, 1, 1, { decidedSeq: 0 })] })
    expect(await completeness.finish(skuNo, await completeness.begin(skuNo), 1)).toBe(true)
    await pair.inSync()
    const [winner, loser] = [admissionRequest({ skuNo }), admissionRequest({ skuNo })]
    expect(await answerOf(old, loser)).toBe("sold-out")

    pair.cut()
    const view = encodeReservationView({ ...undecidedView(winner), status: "RESERVED", seq: 3 })
    await old.set(redisKeys.reservation(winner.id), view, "PX", 60_000)
    await pair.primary.kill()
    await pair.promote()
    return winner
  }

  test("without the last writes refuses nobody because of the old mark, although it still holds it", async () => {
    const winner = await lostTail()
    expect(await promoted.hget(redisKeys.sale(skuNo), "complete")).not.toBeNull()
    expect(await answerOf(promoted, winner)).toBe("admitted")
    expect((await createCompleteness(promoted).look([skuNo])).get(skuNo)).toEqual({ shownSeq: 1, isComplete: false })
  })

  test("a mark that counts on any server would refuse a winner", async () => {
    const winner = await lostTail()
    const faulty = admitScript.replace("return mark and mark == identity", "return mark")
    expect(faulty).not.toBe(admitScript)
    expect(await answerOf(promoted, winner, faulty)).toBe("sold-out")
  })

  test("is marked again once everything is loaded into it, and not by a load that began on the old primary", async () => {
    const before = createCompleteness(old)
    await createProjection(old).project({ now: 0, sales: [saleOf(skuNo, 1, 1, { decidedSeq: 0 })] })
    const token = await before.begin(skuNo)
    await pair.inSync()
    await pair.primary.kill()
    await pair.promote()
    const after = createCompleteness(promoted)
    expect(await after.finish(skuNo, token, 1)).toBe(false)
    expect(await after.finish(skuNo, await after.begin(skuNo), 1)).toBe(true)
    expect(await answerOf(promoted, admissionRequest({ skuNo }))).toBe("sold-out")
  })

  test("a primary that became a replica reports no sale as complete", async () => {
    const completeness = createCompleteness(old)
    await completeness.finish(skuNo, await completeness.begin(skuNo), 0)
    expect((await completeness.look([skuNo])).get(skuNo)).toMatchObject({ isComplete: true })
    await pair.inSync()
    await pair.promote()
    await pair.demote()
    const read = new Redis(pair.primary.url)
    expect((await createCompleteness(read).look([skuNo])).get(skuNo)).toMatchObject({ isComplete: false })
    read.disconnect()
  })
})

describe("a commit that was never shown", () => {
  let given: GivenDatabase
  beforeAll(async () => {
    given = await givenDatabase()
  })
  afterAll(() => given.close())

  type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>
  const look = async ({ skuNo }: Sku) => (await createCompleteness(given.redis).look([skuNo])).get(skuNo)
  const warmer = () => givenWarmer(given, given.reader)

  /** A sale that is complete in Redis. */
  async function completeSale(stock: number): Promise<Sku> {
    const sku = await given.sku({ total_stock: stock })
    await warmer()()
    expect(await look(sku)).toMatchObject({ isComplete: true })
    return sku
  }
  const write = (sku: Sku, record: ReturnType<typeof requestRecord>, parts = given.parts()) =>
    parts.writer.write(requestsTopic, sku.partition, given.append(sku.partition, [record]), longTimeLeftMs)

  /** Commits like a writer that dies or freezes before it writes to Redis. Its shopper was admitted during an outage of Redis. */
  async function commitUnseen(sku: Sku): Promise<AdmissionRequest> {
    const record = requestRecord(sku)
    const batch = firstBatch(
      { topic: requestsTopic, partition: sku.partition, records: given.append(sku.partition, [record]) },
      1,
    )
    await given.parts().transact(scopeOf(batch), (loaded) => planOf(batch, loaded))
    return admissionRequest({ id: record.id, userId: record.userId, skuNo: sku.skuNo, partition: sku.partition, bodyHash: 1 })
  }

  test("is shown by the sweeper before the balances that include it: its winner never reads sold out", async () => {
    const sku = await completeSale(1)
    const winner = await commitUnseen(sku)
    const answers: string[] = [await answerOf(given.redis, { ...winner, id: randomUUID() })]
    let isWarm = false
    const warming = warmer()().then(() => {
      isWarm = true
    })
    const isWinnerShown = async () => (await given.redis.get(redisKeys.reservation(winner.id)))?.startsWith("RESERVED")
    while (!isWarm) {
      const reserved = await given.redis.hget(redisKeys.sale(sku.skuNo), "reserved")
      if (reserved === "1" && !(await isWinnerShown())) answers.push("sold out without its winner")
    }
    await warming
    expect(answers).toEqual(["admitted"])
    expect(await answerOf(given.redis, winner)).toBe("seen")
    expect(await answerOf(given.redis, admissionRequest({ skuNo: sku.skuNo }))).toBe("sold-out")
    await given.expectInvariants()
  })

  const nextCommitShown = async (sku: Sku, sale = projectSale) => {
    const winner = await commitUnseen(sku)
    const projection = createProjection(given.redis, { views: projectViews, sale, progress: projectProgress })
    // The SKU is sold out by now: the next decision and its balances show that.
    const { rows } = await given.superuser.query<{ seq: number }>("SELECT seq FROM inventory WHERE sku_no = $1", [sku.skuNo])
    const seq = rows[0]?.seq ?? 0
    await projection.project({ now: 0, sales: [saleOf(sku.skuNo, seq + 1, 1, { decidedSeq: seq })] })
    return winner
  }

  test("removes the mark with the next commit's balances; without that rule its winner reads sold out", async () => {
    expect(await answerOf(given.redis, await nextCommitShown(await completeSale(1)))).toBe("admitted")
    const faulty = projectSale.replace("if known[5] and shown <", "if false and shown <")
    expect(faulty).not.toBe(projectSale)
    expect(await answerOf(given.redis, await nextCommitShown(await completeSale(1), faulty))).toBe("sold-out")
    createProjection(given.redis)
    await given.expectInvariants()
  })

  test("removes the mark also when a real writer makes the next commit, and the sweeper sets it again", async () => {
    const sku = await completeSale(2)
    const winner = await commitUnseen(sku)
    await write(sku, requestRecord(sku))
    expect(await answerOf(given.redis, winner)).toBe("admitted")
    expect(await look(sku)).toMatchObject({ isComplete: false })
    await warmer()()
    expect(await look(sku)).toMatchObject({ isComplete: true })
    expect(await given.redis.get(redisKeys.reservation(winner.id))).toMatch(/^RESERVED/)
    await given.expectInvariants()
  })

  test("does not mean payments and hold extensions between two decisions: the mark stays", async () => {
    const sku = await completeSale(9)
    const parts = given.parts()
    for (let round = 0; round < 3; round += 1) {
      await write(sku, requestRecord(sku), parts)
      // Moves the ledger without showing balances, as a payment does.
      const command = keyedCommand({ owner: operatorsId, key: randomUUID() }, ["extend", sku.skuNo, 1])
      expect((await extendOnce(given.transition, sku.skuNo, 1, command)).holds).not.toEqual([])
    }
    expect(await look(sku)).toMatchObject({ isComplete: true })
    // The locked path finds its last decisions in the ledger.
    await given.parts().applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
    expect(await look(sku)).toMatchObject({ isComplete: true })
    await given.expectInvariants()
  })

  test.each([[[0, 1, 2]], [[1, 2, 0]], [[2, 1, 0]], [[1, 0, 2]]])(
    "differs from commits that arrive in another order: %j",
    async (order) => {
      const sku = await completeSale(5)
      const base = (await look(sku))?.shownSeq ?? 0
      for (const index of order) {
        const commit = saleOf(sku.skuNo, base + index + 1, 1, { decidedSeq: base + index })
        await given.projection.project({ now: 0, sales: [commit] })
      }
      const mark = await look(sku)
      // The script remembers one gap. A second gap removes the mark until the next run of the sweeper.
      if (order.join() !== "2,1,0") expect(mark?.shownSeq).toBe(base + 3)
      expect(mark?.isComplete).toBe(order.join() === "0,1,2")
      expect(await given.redis.hget(redisKeys.sale(sku.skuNo), "seq")).toBe(String(base + 3))
      await given.redis.del(redisKeys.sale(sku.skuNo))
      await given.expectInvariants()
    },
  )
})
