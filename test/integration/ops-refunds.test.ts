import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import type { OversellPlan } from "../../core/contracts/http/refunds.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
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
