import { describe, expect, test } from "vitest"
import type { Admission } from "../../../core/domain/admission.ts"
import { TemporarilyUnavailable } from "../../../core/domain/errors.ts"
import { bodyHashOf, ownerOf } from "../../../core/domain/ids.ts"
import type { SkuSale } from "../../../core/domain/sale.ts"
import { createSubmitRequest } from "../../../core/workflows/admission/submit-request.ts"
import type { DirectResult } from "../../../core/workflows/allocation/direct-decisions.ts"

const position = { partition: 3, offset: 17 }
const progress = { nextOffset: 10 }
const asked = { id: "id", userId: "0198f5a4-7c1e-7d2b-9a3f-000000000001", skuId: "sku", quantity: 1, joinWaitlist: false }
const bodyHash = bodyHashOf("sku", 1, false)

type Mode = SkuSale["mode"]
const saleIn = (mode: Mode, epoch = 1): SkuSale => ({
  skuNo: 1,
  perUserLimit: 1,
  maxUnpaidHolds: 2,
  holdSeconds: 120,
  waitlistLimit: 0,
  status: "open",
  mode,
  resumeMode: "batch",
  frozen: false,
  epoch,
  balances: { total: 1, reserved: 0, sold: 0, waitlisted: 0 },
  seq: 1,
})
const recordOf = (sale: SkuSale) => ({ skuId: "sku", name: "", priceMinor: 1, currency: "EUR", partition: 3, sale, asOf: 0 })
const view = { id: "id", bodyHash, owner: 1, skuNo: 1, quantity: 1, seq: 2 }
const decided: DirectResult = { kind: "decided", view: { ...view, status: "RESERVED" } }
const switchedTo = (mode: Mode, epoch: number): DirectResult => ({ kind: "switched", sale: saleIn(mode, epoch) })

/** Submits a request in a process whose cached sale is out of date: `really` is the current state. */
function given(known: Mode, really: { direct?: DirectResult[]; queue?: "takes" | "is away"; fresh?: Mode } = {}) {
  const { direct = [], queue = "takes", fresh = known } = really
  const ways: string[] = []
  const directory = {
    find: () => expect.unreachable(),
    findTimely: async (skuId: string) => (skuId === "sku" ? recordOf(saleIn(known)) : undefined),
    limits: () => "normal" as const,
    now: () => 0,
    findFresh: async () => recordOf(saleIn(fresh, 9)),
    findByNumber: () => expect.unreachable(),
  }
  const answers: Admission[] = []
  const submit = createSubmitRequest({
    directory,
    admit: async () => answers.shift() ?? expect.unreachable(),
    async enqueue() {
      ways.push("queue")
      if (queue === "is away") throw new TemporarilyUnavailable("No broker appended the request")
      return position
    },
    async decideDirectly(_, epoch) {
      ways.push(`direct ${epoch}`)
      return direct.shift() ?? decided
    },
  })
  const submitAdmitted = (admission: Admission, more: Partial<typeof asked> = {}) => {
    answers.push(admission)
    return submit({ ...asked, ...more })
  }
  return { ways, submit: submitAdmitted }
}
const admitted = { kind: "admitted", progress, behaviour: [] } as const
const pending = { kind: "pending", progress, behaviour: [] } as const
const inQueue = { kind: "seen", view: { ...view, seq: 0, status: "QUEUED", ...position }, progress: {} } as const
const queued = { kind: "queued", position }

describe("a request that does not get in", () => {
  test("names an unknown SKU, or asks for more units than its SKU allows, and does not reach admission", async () => {
    const batch = given("batch")
    expect(await batch.submit(admitted, { skuId: "other" })).toEqual({
      kind: "refused",
      reason: "sku-not-found",
      isDecided: false,
    })
    expect(await batch.submit(admitted, { quantity: 2 })).toMatchObject({
      reason: "quantity-limit",
      detail: "At most 1 per shopper.",
      isDecided: false,
    })
    expect(batch.ways).toEqual([])
  })

  test("has the reason of admission, whether its key is decided, and when to retry", async () => {
    const refusal = { kind: "refused", behaviour: [] } as const
    const batch = given("batch")
    expect(await batch.submit({ ...refusal, reason: "rate-limited", retryAfterSeconds: 7, isDecided: true })).toEqual({
      kind: "refused",
      reason: "rate-limited",
      retryAfterSeconds: 7,
      isDecided: true,
    })
    expect(await batch.submit({ ...refusal, reason: "sold-out" })).toEqual({
      kind: "refused",
      reason: "sold-out",
      isDecided: false,
    })
    expect(await batch.submit({ ...refusal, reason: "temporarily-unavailable" })).toMatchObject({ retryAfterSeconds: 5 })
    expect(batch.ways).toEqual([])
  })
})

describe("an admitted request", () => {
  test("goes into the queue of a sale in batch mode, and to its decision in direct mode", async () => {
    const batch = given("batch")
    expect(await batch.submit(admitted)).toMatchObject({
      ...queued,
      progress,
      request: { id: "id", owner: ownerOf(asked.userId), bodyHash, partition: 3, skuNo: 1 },
    })
    const direct = given("direct")
    expect(await direct.submit(admitted)).toEqual(decided)
    expect([batch.ways, direct.ways]).toEqual([["queue"], ["direct 1"]])
  })

  test("takes the way of the new mode when its sale was switched meanwhile", async () => {
    const toBatch = given("direct", { direct: [switchedTo("batch", 2)] })
    expect(await toBatch.submit(admitted)).toMatchObject(queued)
    const toLaterEpoch = given("direct", { direct: [switchedTo("direct", 3)] })
    expect(await toLaterEpoch.submit(admitted)).toEqual(decided)
    expect([toBatch.ways, toLaterEpoch.ways]).toEqual([
      ["direct 1", "queue"],
      ["direct 1", "direct 3"],
    ])
  })

  test("that cannot be queued is decided directly if the sale has been switched meanwhile, and fails otherwise", async () => {
    const switched = given("batch", { queue: "is away", fresh: "direct" })
    expect(await switched.submit(admitted)).toEqual(decided)
    expect(switched.ways).toEqual(["queue", "direct 9"])
    await expect(given("batch", { queue: "is away" }).submit(admitted)).rejects.toBeInstanceOf(TemporarilyUnavailable)
  })

  test("of a sale that has not opened yet is refused, and its key stays free", async () => {
    expect(await given("direct", { direct: [{ kind: "early" }] }).submit(admitted)).toEqual({
      kind: "refused",
      reason: "sale-not-open",
      isDecided: false,
    })
  })

  test("of a sale that was halted meanwhile is refused as halted", async () => {
    expect(await given("direct", { direct: [switchedTo("halted", 2)] }).submit(admitted)).toEqual({
      kind: "refused",
      reason: "sale-halted",
      isDecided: false,
      retryAfterSeconds: 5,
    })
  })

  test("of a sale that is switched again and again is refused after a few tries", async () => {
    const restless = given("direct", { direct: Array.from({ length: 20 }, (_, epoch) => switchedTo("direct", epoch)) })
    expect(await restless.submit(admitted)).toMatchObject({ kind: "refused", reason: "temporarily-unavailable" })
    const noQueue = given("batch", { queue: "is away", fresh: "direct", direct: Array(20).fill(switchedTo("batch", 2)) })
    await expect(noQueue.submit(admitted)).rejects.toBeInstanceOf(TemporarilyUnavailable)
    expect(restless.ways.length + noQueue.ways.length).toBeLessThan(20)
  })

  test("with a key of another request keeps the first decision and is marked as a conflict", async () => {
    const other: DirectResult = { kind: "decided", view: { ...view, bodyHash: 1, status: "RESERVED" } }
    expect(await given("direct", { direct: [other] }).submit(admitted)).toMatchObject({
      kind: "refused",
      reason: "idempotency-key-reused",
    })
  })
})

describe("a request that was seen before", () => {
  test("keeps its position in the queue, and in direct mode does not have to wait for it", async () => {
    const batch = given("batch")
    expect(await batch.submit(inQueue)).toMatchObject(queued)
    const direct = given("direct")
    expect(await direct.submit(inQueue)).toEqual(decided)
    expect([batch.ways, direct.ways]).toEqual([[], ["direct 1"]])
  })

  test("keeps its decision in every mode, without a call to another part", async () => {
    const known = { kind: "seen", view: { ...view, status: "CONFIRMED" }, progress: {} } as const
    for (const mode of ["batch", "direct"] as const) {
      const sale = given(mode)
      expect(await sale.submit(known)).toEqual({ kind: "decided", view: known.view })
      expect(sale.ways).toEqual([])
    }
  })
})

describe("copies of a request", () => {
  test("that come while this process submits it share its result, and one record", async () => {
    for (const mode of ["batch", "direct"] as const) {
      const sale = given(mode)
      const submissions = await Promise.all([
        sale.submit(admitted),
        sale.submit(admitted),
        sale.submit(pending),
        sale.submit(admitted),
      ])
      const shared = submissions.map((one) => (one.kind === "queued" ? one.position : one))
      expect(new Set(shared).size).toBe(1)
      expect(sale.ways).toHaveLength(1)
    }
  })

  test("share its failure, and the next one tries again", async () => {
    const sale = given("batch", { queue: "is away" })
    const failures = [sale.submit(admitted), sale.submit(admitted)].map((submission) => submission.catch(({ name }) => name))
    expect(await Promise.all(failures)).toEqual(["TemporarilyUnavailable", "TemporarilyUnavailable"])
    await sale.submit(admitted).catch(() => {})
    expect(sale.ways).toEqual(["queue", "queue"])
  })

  test("that another process is submitting add no record", async () => {
    const sale = given("batch")
    const submission = await sale.submit(pending)
    expect(submission).toMatchObject({ kind: "queued", progress })
    expect(submission).not.toHaveProperty("position")
    expect(sale.ways).toEqual([])
  })
})
