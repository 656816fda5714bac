import { describe, expect, test } from "vitest"
import { problem } from "../../../core/contracts/problems.ts"
import type { SkuSale } from "../../../core/domain/sale.ts"
import type { Intake, IntakeRequest } from "../../../core/workflows/admission/intake.ts"
import { createTakeIn } from "../../../core/workflows/admission/submit-request.ts"
import type { DirectResult } from "../../../core/workflows/allocation/direct-decisions.ts"

const place = { partition: 3, offset: 17 }
const bodyHash = 42

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
const requestFor = (sale: SkuSale): IntakeRequest => ({
  id: "id",
  userId: "user",
  owner: 1,
  skuNo: 1,
  partition: 3,
  quantity: 1,
  joinWaitlist: false,
  bodyHash,
  mode: sale.mode,
  moment: 0,
  status: "open",
  sku: recordOf(sale),
})
const seen = { id: "id", bodyHash, owner: 1, skuNo: 1, quantity: 1, seq: 2 }
const decided: DirectResult = { kind: "decided", seen: { ...seen, status: "RESERVED" } }
const switchedTo = (mode: Mode, epoch: number): DirectResult => ({ kind: "switched", sale: saleIn(mode, epoch) })

/** What a process does that knows a sale as it was, while it really is as `really` says. */
function given(known: Mode, really: { direct?: DirectResult[]; line?: "takes" | "is away"; fresh?: Mode } = {}) {
  const { direct = [], line = "takes", fresh = known } = really
  const ways: string[] = []
  const intake: Intake = {
    request: () => expect.unreachable(),
    admit: () => expect.unreachable(),
    async enqueue() {
      ways.push("line")
      if (line === "is away") throw problem("temporarily-unavailable")
      return place
    },
  }
  const directory = {
    find: () => expect.unreachable(),
    findTimely: () => expect.unreachable(),
    now: () => expect.unreachable(),
    findFresh: async () => recordOf(saleIn(fresh, 9)),
    findByNumber: () => expect.unreachable(),
  }
  const takeIn = createTakeIn({
    intake,
    directory,
    async decideDirectly(_, epoch) {
      ways.push(`direct ${epoch}`)
      return direct.shift() ?? decided
    },
  })
  return { ways, take: (admission: Parameters<typeof takeIn>[1]) => takeIn(requestFor(saleIn(known)), admission) }
}
const admitted = { kind: "admitted", line: {}, behaviour: [] } as const
const pending = { kind: "pending", line: {}, behaviour: [] } as const
const inLine = { kind: "seen", seen: { ...seen, seq: 0, status: "QUEUED", ...place }, line: {} } as const

describe("an admitted request", () => {
  test("goes into the line of a sale in batch mode, and to its decision in direct mode", async () => {
    const batch = given("batch")
    expect(await batch.take(admitted)).toEqual({ kind: "queued", place })
    const direct = given("direct")
    expect(await direct.take(admitted)).toEqual(decided)
    expect([batch.ways, direct.ways]).toEqual([["line"], ["direct 1"]])
  })

  test("goes the other way when its sale was switched on the way", async () => {
    const toBatch = given("direct", { direct: [switchedTo("batch", 2)] })
    expect(await toBatch.take(admitted)).toEqual({ kind: "queued", place })
    const toLaterEpoch = given("direct", { direct: [switchedTo("direct", 3)] })
    expect(await toLaterEpoch.take(admitted)).toEqual(decided)
    expect([toBatch.ways, toLaterEpoch.ways]).toEqual([
      ["direct 1", "line"],
      ["direct 1", "direct 3"],
    ])
  })

  test("that finds no line is decided directly, if the sale has been switched meanwhile, and refused otherwise", async () => {
    const switched = given("batch", { line: "is away", fresh: "direct" })
    expect(await switched.take(admitted)).toEqual(decided)
    expect(switched.ways).toEqual(["line", "direct 9"])
    await expect(given("batch", { line: "is away" }).take(admitted)).rejects.toMatchObject({ slug: "temporarily-unavailable" })
  })

  test("of a sale that was halted meanwhile is refused as such", async () => {
    await expect(given("direct", { direct: [switchedTo("halted", 2)] }).take(admitted)).rejects.toMatchObject({
      slug: "sale-halted",
    })
  })

  test("of a sale that is switched without end comes again", async () => {
    const restless = given("direct", { direct: Array.from({ length: 20 }, (_, epoch) => switchedTo("direct", epoch)) })
    await expect(restless.take(admitted)).rejects.toMatchObject({ slug: "temporarily-unavailable" })
    const noLine = given("batch", { line: "is away", fresh: "direct", direct: Array(20).fill(switchedTo("batch", 2)) })
    await expect(noLine.take(admitted)).rejects.toMatchObject({ slug: "temporarily-unavailable" })
    expect(restless.ways.length + noLine.ways.length).toBeLessThan(20)
  })

  test("whose key was used for something else keeps the first decision and is told apart", async () => {
    const other: DirectResult = { kind: "decided", seen: { ...seen, bodyHash: 1, status: "RESERVED" } }
    await expect(given("direct", { direct: [other] }).take(admitted)).rejects.toMatchObject({ slug: "idempotency-key-reused" })
  })
})

describe("a request that was seen before", () => {
  test("keeps its place in line, and in direct mode does not have to wait for it", async () => {
    const batch = given("batch")
    expect(await batch.take(inLine)).toEqual({ kind: "queued", place })
    const direct = given("direct")
    expect(await direct.take(inLine)).toEqual(decided)
    expect([batch.ways, direct.ways]).toEqual([[], ["direct 1"]])
  })

  test("keeps its decision in every mode, without asking anybody", async () => {
    const known = { kind: "seen", seen: { ...seen, status: "CONFIRMED" }, line: {} } as const
    for (const mode of ["batch", "direct"] as const) {
      const sale = given(mode)
      expect(await sale.take(known)).toEqual({ kind: "decided", seen: known.seen })
      expect(sale.ways).toEqual([])
    }
  })
})

describe("copies of a request", () => {
  test("that come while it is on its way in this process come where it comes, with one record between them", async () => {
    for (const mode of ["batch", "direct"] as const) {
      const sale = given(mode)
      const taken = await Promise.all([sale.take(admitted), sale.take(admitted), sale.take(pending), sale.take(admitted)])
      expect(new Set(taken).size).toBe(1)
      expect(sale.ways).toHaveLength(1)
    }
  })

  test("share its failure, and the next one tries again", async () => {
    const sale = given("batch", { line: "is away" })
    const slugs = [sale.take(admitted), sale.take(admitted)].map((taken) => taken.catch(({ slug }) => slug))
    expect(await Promise.all(slugs)).toEqual(["temporarily-unavailable", "temporarily-unavailable"])
    await sale.take(admitted).catch(() => {})
    expect(sale.ways).toEqual(["line", "line"])
  })

  test("that another process has on its way add no record", async () => {
    const sale = given("batch")
    expect(await sale.take(pending)).toEqual({ kind: "elsewhere" })
    expect(sale.ways).toEqual([])
  })
})
