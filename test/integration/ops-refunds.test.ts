import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import type { OversellPlan } from "../../core/contracts/http/refunds.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { Report } from "../../ops/report/schema.ts"
import { flaggedMessage } from "../../ops/report/sources.ts"
import { givenCheckout } from "../sale/given-checkout.ts"
import { runOps, until } from "../sale/running-sale.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())

const folder = mkdtempSync(join(tmpdir(), "plans-"))
const ops = (...args: string[]) => runOps(args, given.variables)
const json = async <T>(...args: string[]): Promise<T> => {
  const { exitCode, output } = await ops("--json", ...args)
  expect([exitCode, output]).toEqual([0, expect.anything()])
  return JSON.parse(output.split("\n").find((line) => line.startsWith("{")) ?? "") as T
}

/** Orders of a SKU that are paid, the oldest first. */
async function paid(count: number) {
  const sku = await given.sku({ total_stock: count, waitlist_limit: 5, price_minor: 500 })
  const orders: string[] = []
  for (const hold of await given.reserve(sku, count)) {
    const orderId = (await given.pay(hold)).body.order_id as string
    await capturePayment(given.deps, orderId)
    orders.push(orderId)
  }
  return { ...sku, orders }
}
const statuses = async (orders: readonly string[]) => {
  const { rows } = await given.superuser.query<{ order_id: string; status: string }>(
    "SELECT order_id, status FROM orders WHERE order_id = ANY($1::uuid[])",
    [orders],
  )
  return orders.map((orderId) => rows.find((row) => row.order_id === orderId)?.status)
}
const refundsAtProvider = async () =>
  (await given.provider.payments()).map(({ history }) => history.filter((event) => event === "refunded").length)

describe("order", () => {
  test("refund returns a part and then the rest, and show tells what became of it", async () => {
    const { orders } = await paid(1)
    const [orderId = ""] = orders
    const key = randomUUID()
    const part = ["order", "refund", orderId, "--reason", "A scratch", "--amount", "200", "--key", key]
    for (const times of [1, 2]) {
      const { exitCode, output } = await ops(...part)
      expect([times, exitCode, output]).toEqual([times, 0, expect.stringContaining("200 EUR of order")])
      expect(output).toContain("the order stays PAID")
    }
    expect(await json("order", "refund", orderId, "--reason", "It never came", "--keep-unit")).toMatchObject({
      ...{ amount_minor: 300, return_unit: false, order_status: "REFUNDED" },
    })
    expect(await json("order", "show", orderId)).toMatchObject({
      ...{ status: "REFUNDED", refunded_minor: 500, units_kept: true, payment_ref: expect.stringMatching(/^pi_/) },
      refunds: [
        { amount_minor: 200, reason: "A scratch", status: "SUCCEEDED" },
        { amount_minor: 300, reason: "It never came" },
      ],
    })
    const { output } = await ops("order", "show", orderId)
    expect(output).toMatch(/refund .*: 200 EUR, SUCCEEDED, by operator/)
    expect(await json("verify-sale")).toMatchObject({ ok: true, violations: [] })
    await given.expectInvariants()
  })

  test("refund says why it cannot be made, and ends with 1", async () => {
    const { orders } = await paid(1)
    const [orderId = ""] = orders
    for (const [args, reason] of [
      [[orderId, "--reason", "x", "--amount", "501"], "over what is left"],
      [[orderId, "--reason", "x", "--amount", "0"], "amount_minor"],
      [[randomUUID(), "--reason", "x"], "no such order"],
      [["nonsense", "--reason", "x"], "must be a UUID"],
      [[orderId], "--reason"],
    ] as const) {
      const { exitCode, output } = await ops("order", "refund", ...args)
      expect([exitCode, output]).toEqual([1, expect.stringContaining(reason)])
    }
    expect((await ops("order", "show", randomUUID())).exitCode).toBe(1)
  })

  test.each([
    [["order", "show", "--help"], "show an order"],
    [["order", "refund", "--help"], "--keep-unit"],
    [["oversell", "plan", "--help"], "--sku"],
    [["oversell", "refund", "--help"], "--plan"],
  ])("%s prints its options", async (args, expected) => {
    const { exitCode, output } = await ops(...args)
    expect([exitCode, output]).toEqual([0, expect.stringContaining(expected)])
  })
})

describe("report", () => {
  test("says of a sale what its tables say, proves it, and writes the same as JSON and as a page", async () => {
    const sold = await paid(3)
    const { skuId, skuNo, orders } = sold
    const env = { ...given.variables, LOCAL_STATE_DIR: mkdtempSync(join(tmpdir(), "report-")) }
    await given.reserve(sold, 2)
    expect((await ops("order", "refund", orders[0] ?? "", "--reason", "A scratch", "--amount", "200")).exitCode).toBe(0)
    const [json_, page] = [join(folder, "report.json"), join(folder, "report.html")]
    const { exitCode, output } = await runOps(["report", skuId, "--json", json_, "--html", page], env)
    expect([exitCode, output]).toEqual([0, expect.stringContaining(`reading the ledger of ${skuId}`)])

    const report = Report.parse(JSON.parse(readFileSync(json_, "utf8")))
    const { rows } = await given.superuser.query(
      `SELECT i.total_stock AS total, i.reserved_count AS reserved, i.sold_count AS sold, i.seq AS ledger_seq,
              encode(i.head_hash, 'hex') AS head_hash FROM inventory i WHERE sku_no = $1`,
      [skuNo],
    )
    expect(report.sales).toMatchObject([{ sku_id: skuId, ...rows[0], orders: { PAID: { orders: 3, amount_minor: 1_500 } } }])
    const [sale] = report.sales
    expect(sale?.decided).toEqual({ reserved: 3, waitlisted: 0, refused: { "sold-out": 2 } })
    expect(sale?.sold_out_at).not.toBeNull()
    expect(report.revenue).toEqual([
      { currency: "EUR", orders: 3, ordered_minor: 1_500, captured_minor: 1_500, refunded_minor: 200, kept_minor: 1_300 },
    ])
    // What the intervals of the ledger add up to is what the counters and the orders say.
    const [over] = report.sales_over_time
    expect([over?.sold.at(-1), over?.captured_minor.at(-1), over?.refunded_minor.at(-1)]).toEqual([3, 1_500, 200])
    expect(over?.refused.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(
      Object.values(sale?.decided.refused ?? {}).reduce((sum, value) => sum + value, 0),
    )
    expect(report.proof).toMatchObject({ ok: true, oversold: 0, heads: [{ sku_id: skuId, head_hash: rows[0].head_hash }] })
    const verified = await json<{ entries: number; decisions: number }>("verify-sale")
    expect([report.proof.entries, report.proof.decisions]).toEqual([verified.entries, verified.decisions])
    expect(readFileSync(page, "utf8")).toContain(rows[0].head_hash)
    await given.expectInvariants()
  })

  test("counts the accounts of flagged clients that paid", async () => {
    const { skuId, skuNo } = await paid(2)
    const { rows } = await given.superuser.query<{ owner: number }>("SELECT owner FROM reservations WHERE sku_no = $1 LIMIT 1", [
      skuNo,
    ])
    const stateDir = mkdtempSync(join(tmpdir(), "report-"))
    mkdirSync(join(stateDir, "logs"))
    const user = ((rows[0]?.owner ?? 0) >>> 0).toString(16).padStart(8, "0")
    const line = { message: flaggedMessage, timestamp: new Date().toISOString() }
    const lines = [user, "00000001"].map((each) => JSON.stringify({ ...line, user: each }))
    writeFileSync(join(stateDir, "logs", "gateway.log"), lines.join("\n"))
    const { exitCode, output } = await runOps(["report", skuId], { ...given.variables, LOCAL_STATE_DIR: stateDir })
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining("names 2 of their accounts (a sample). Of these, 1 got a unit"),
    ])
    expect(output).toContain("and 1 paid")
  })

  test.each([
    [["report", "sku-of-nobody"], "There is no sale of sku-of-nobody"],
    [["report", "--from", "yesterday"], "--from yesterday is no moment"],
    [["report", "--from", "-1h", "--to", "-2h"], "is not before"],
    [["report", "--from", "2020-01-01T00:00:00Z", "--to", "2020-01-01T01:00:00Z"], "No sale closed or sold out"],
    [["report", "out.json"], "give --json out.json"],
  ])("%j says what is wrong, and ends with 1", async (args, reason) => {
    const { exitCode, output } = await runOps(args, { ...given.variables, LOCAL_STATE_DIR: folder })
    expect([exitCode, output]).toEqual([1, expect.stringContaining(reason)])
  })
})

describe("oversell", () => {
  test("plan finds nothing for a SKU that is not oversold, and no unknown SKU", async () => {
    const { skuId } = await paid(1)
    expect(await json("oversell", "plan", "--sku", skuId)).toMatchObject({ excess: 0, orders: [] })
    expect((await ops("oversell", "plan", "--sku", skuId)).output).toContain("is not oversold")
    expect((await ops("oversell", "plan", "--sku", "sku-of-nobody")).output).toContain("no such SKU")
  })

  test("refund refuses a file that is no plan", async () => {
    const file = join(folder, "nothing.json")
    writeFileSync(file, "{}")
    for (const path of [file, join(folder, "missing.json")]) {
      const { exitCode, output } = await ops("oversell", "refund", "--plan", path)
      expect([exitCode, output]).toEqual([1, expect.stringContaining("is no plan")])
    }
  })

  test("plan lists the last orders above the total, the newest first; refund pays each back once, also when it is killed on its way", async () => {
    const { skuId, skuNo, orders } = await paid(5)
    // A superuser dropped the constraint and wrote by hand: two units are left of five that are sold.
    await given.superuser.query("ALTER TABLE inventory DROP CONSTRAINT IF EXISTS never_oversold")
    await given.superuser.query("UPDATE inventory SET total_stock = 2 WHERE sku_no = $1", [skuNo])
    const before = await refundsAtProvider()

    const file = join(folder, "plan.json")
    const { exitCode, output } = await ops("oversell", "plan", "--sku", skuId, "--out", file)
    expect([exitCode, output]).toEqual([0, expect.stringContaining("3 orders, 3 units, 1500 EUR")])
    const plan = JSON.parse(readFileSync(file, "utf8")) as OversellPlan
    expect(plan).toMatchObject({ total: 2, sold: 5, excess: 3 })
    expect(plan.orders.map(({ order_id }) => order_id)).toEqual(orders.slice(2).reverse())
    expect(plan.orders[0]).toMatchObject({
      amount_minor: 500,
      reason: expect.stringContaining("unit 1 of the 3 above the total of 2"),
    })

    await killedAfterTheFirst(["oversell", "refund", "--plan", file])
    expect(await statuses(orders)).toEqual(["PAID", "PAID", "PAID", "PAID", "PAID"])
    const again = await ops("oversell", "refund", "--plan", file)
    expect([again.exitCode, again.output]).toEqual([0, expect.stringContaining("3 of 3 orders are refunded")])
    expect(await statuses(orders)).toEqual(["PAID", "PAID", "REFUNDED", "REFUNDED", "REFUNDED"])
    expect(await given.inventory(skuNo)).toMatchObject({ sold_count: 2, total_stock: 2 })
    expect((await refundsAtProvider()).reduce((sum, n) => sum + n, 0)).toBe(before.reduce((sum, n) => sum + n, 0) + 3)

    const third = await ops("oversell", "refund", "--plan", file)
    expect([third.exitCode, third.output]).toEqual([0, expect.stringContaining("3 of 3 orders are refunded")])
    expect((await ops("oversell", "plan", "--sku", skuId)).output).toContain("is not oversold")
    // The total was changed behind the ledger, and the sale was oversold for a time: the checks of the ledger's history go on to
    // say so. All other checks hold.
    const { checks } = await checkInvariants(given.reader)
    const broken = checks.filter(({ ok }) => !ok)
    expect(broken.map(({ name }) => name)).toEqual(["ledger-fold", "never-oversold"])
    for (const violation of broken.flatMap(({ violations }) => violations)) expect(violation).toMatch(/SKU \S+ (at )?seq \d+/)
    await given.expectMoneyToMatch()
  })

  /** Runs the CLI, and kills it when the provider has made the first refund and nothing here says so yet. */
  async function killedAfterTheFirst(args: readonly string[]): Promise<void> {
    const file = join(folder, "failpoint")
    const env = { PATH: process.env.PATH, ...given.variables, FAILPOINT: "refund:answered", FAILPOINT_FILE: file }
    const child = spawn(process.execPath, ["--import", "./local/text-modules.mjs", "ops/main.ts", ...args], { env })
    const ended = new Promise((resolve) => child.once("exit", resolve))
    await until(() => existsSync(file))
    child.kill("SIGKILL")
    await ended
  }
})
