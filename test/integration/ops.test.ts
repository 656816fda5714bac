import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { functionOf, longCommands, opsCommands, opsFunctionName, requestOfFunction } from "../../core/contracts/ops.ts"
import { answerInvocation } from "../../core/workflows/operations/answer-invocation.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { createChecksRuntime } from "../../lambdas/ops-checks/runtime.ts"
import { carryOutCheck } from "../../lambdas/ops-checks/workflow.ts"
import { stages } from "../../lib/stages.ts"
import { lambdaContext } from "../../local/host/lambda-context.ts"
import { createProgram } from "../../ops/program.ts"
import { requestRecord } from "../sale/records.ts"
import { type RunningSale, runningSale, runOps } from "../sale/running-sale.ts"
import { appendRaw } from "../sale/topic-records.ts"
import { type LambdaApi, lambdaApi } from "../services/lambda-api.ts"

const functionMs = 120_000
const operator = "the test"

/** As Lambda: invocations at the same time are in environments of their own, each with its connection. */
async function inItsOwnEnvironment(event: unknown, context: ReturnType<typeof lambdaContext>) {
  const runtime = createChecksRuntime()
  try {
    return await answerInvocation({ accepts: requestOfFunction["ops-checks"], runtime, carryOut: carryOutCheck }, event, context)
  } finally {
    await runtime.close()
  }
}

let sale: RunningSale
let api: LambdaApi
/** A check on a stage answers when this resolves: so long is its function busy. */
let beforeCheckEnds = Promise.resolve()
/** Idempotency keys that the failing function received. */
const keys: string[] = []
let invoke: (event: unknown, timeLeftMs?: number) => Promise<unknown>
beforeAll(async () => {
  sale = await runningSale()
  const { handler } = await import("../../lambdas/ops/handler.ts")
  const { handler: checks } = await import("../../lambdas/ops-checks/handler.ts")
  const handlers = { ops: handler, "ops-checks": checks }
  // As the CLI: each command goes to its function.
  invoke = (event, timeLeftMs = functionMs) => {
    const name = functionOf((event as { command?: string } | undefined)?.command ?? "")
    return handlers[name](
      event,
      lambdaContext(name, () => timeLeftMs),
    )
  }
  // Carries out a restock, and fails without an answer the first time. Fails for every other command.
  const broken = async (event: unknown, context: Parameters<typeof handler>[1]) => {
    const asked = event as { command: string; idempotency_key?: string }
    if (asked.command !== "sale-restock") throw new Error("no memory left")
    const answered = await handler(event, context)
    keys.push(asked.idempotency_key ?? "")
    if (keys.length === 1) throw new Error("no memory left")
    return answered
  }
  const heldChecks: typeof inItsOwnEnvironment = async (...args) => {
    const answer = await inItsOwnEnvironment(...args)
    await beforeCheckEnds
    return answer
  }
  api = await lambdaApi(
    {
      [opsFunctionName("prod")]: handler,
      [opsFunctionName("prod", "ops-checks")]: heldChecks,
      [opsFunctionName("load")]: broken,
    },
    functionMs,
    Object.fromEntries(
      (["ops", "ops-checks"] as const).map((name) => [
        opsFunctionName("prod", name),
        stages.prod.functions[name].reservedConcurrency ?? 0,
      ]),
    ),
  )
})
afterAll(async () => {
  await api.close()
  await sale.close()
})

/** The result of a command, checked against the contract. */
async function result(asked: { command: keyof typeof opsCommands } & Record<string, unknown>) {
  const answered = (await invoke({ ...asked, operator })) as { ok: boolean; result: unknown }
  expect(answered).toMatchObject({ ok: true })
  return opsCommands[asked.command].result.parse(answered.result)
}
const sku = (skuId: string) => ({ sku_id: skuId, name: "A thing", price_minor: 500, currency: "EUR", total_stock: 10 })

test("a sale is created, opened, halted, resumed, restocked, counted and closed from outside the network", async () => {
  expect(await result({ command: "sale-create", sku: sku("steered") })).toMatchObject({ status: "draft", hold_seconds: 120 })
  expect(await result({ command: "sale-open", sku_id: "steered" })).toMatchObject({ status: "open" })
  expect(await result({ command: "sale-halt", sku_id: "steered" })).toMatchObject({ status: "halted" })
  expect(await result({ command: "sale-resume", sku_id: "steered" })).toMatchObject({ status: "open", mode: "batch" })
  expect(await result({ command: "sale-restock", sku_id: "steered", quantity: -3 })).toMatchObject({ total_stock: 7 })
  expect(await result({ command: "stats", sku_id: "steered" })).toMatchObject({ available: 7, reserved: 0, status: "open" })
  expect(await result({ command: "sale-close", sku_id: "steered" })).toMatchObject({ status: "closed" })
})

test.each([
  "sale list",
  "lag",
  "stats printed",
  "watch printed --rounds 1",
  "verify-sale --all",
  "invariants",
  "oversell plan --sku printed",
  "reconcile printed",
  "limits",
  "batch-size",
  "db",
  "db constraints",
  "redis",
  "payments",
  "cost",
  "capacity",
])("%s --json prints one JSON document", async (line) => {
  await invoke({ command: "sale-create", sku: sku("printed"), operator })
  const log = vi.spyOn(console, "log").mockImplementation(() => {})
  const { program } = createProgram(async () => invoke)
  await program.parseAsync(["--json", ...line.split(" ")], { from: "user" })
  const printed = log.mock.calls.map(([text]) => String(text))
  log.mockRestore()
  process.exitCode = undefined
  expect(printed).toHaveLength(1)
  expect(JSON.parse(printed.join("\n"))).toBeInstanceOf(Object)
})

test("lag shows the records that wait for the writer, by partition, and the oldest ledger entry that is not published", async () => {
  const { skuNo, skuId } = await sale.sku({ total_stock: 5 })
  const { rows } = await sale.superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_no = $1", [skuNo])
  const partition = rows[0]?.partition ?? 0
  const before = await result({ command: "lag" })
  const records = [requestRecord({ skuNo, skuId }), requestRecord({ skuNo, skuId })]
  await appendRaw(sale.topics.requests, partition, records)
  expect(before).toMatchObject({ unpublished: { sku_id: "steered", seq: 1, kind: "restocked", age_ms: expect.any(Number) } })
  expect((await result({ command: "lag" })) as object).toMatchObject({
    partitions: [0, 1].map((number) => {
      const behind = number === partition ? 2 : 0
      return { partition: number, watermark: 0, end_offset: behind, lag: behind }
    }),
  })
})

test("a partition without a watermark is shown as such, not as an empty queue", async () => {
  await sale.superuser.query("DELETE FROM partition_progress WHERE topic = $1 AND partition = 1", [sale.topics.requests])
  expect(await result({ command: "lag" })).toMatchObject({ partitions: [{ watermark: 0 }, { partition: 1, watermark: null }] })
  await sale.superuser.query("INSERT INTO partition_progress VALUES ($1, 1, 0)", [sale.topics.requests])
})

test("a sale is verified from its ledger, and from its tables alone", async () => {
  expect(await result({ command: "verify-sale" })).toMatchObject({ ok: true, entries: expect.any(Number), violations: [] })
  expect(await result({ command: "invariants" })).toMatchObject({ ok: true })
})

test("limits and the size of a batch are set and shown with who set them", async () => {
  const limits = (asked: object) => result({ command: "limits", ...asked })
  expect(await limits({})).toMatchObject({ limits: "normal", by_operator: null, requests_per_minute: { 2: 50 } })
  const tight = { limits: "tight", by_operator: { by: operator }, requests_per_minute: { 1: 1, 2: 10, 3: 20, 4: 40 } }
  expect(await limits({ command: "limits-set", limits: "tight" })).toMatchObject(tight)
  const normal = { limits: "normal", by_operator: { by: operator }, by_itself: null }
  expect(await limits({ command: "limits-set", limits: "normal" })).toMatchObject(normal)
  const chosen = { records: 100, is_default: false, records_under_backlog: 400, changed: { by: operator } }
  expect(await result({ command: "batch-size-set", records: 100 })).toMatchObject(chosen)
  expect(await result({ command: "batch-size" })).toMatchObject(chosen)
  expect(await result({ command: "batch-size-set", records: null })).toMatchObject({ records: 250, is_default: true })
})

test.each<[string, unknown, string[]]>([
  ["nothing", undefined, ["body"]],
  ["no command", { operator }, ["command"]],
  ["an unknown command", { command: "drop-everything", operator }, ["command"]],
  ["no operator", { command: "lag" }, ["operator"]],
  ["a name that breaks the log", { command: "lag", operator: "a\nb" }, ["operator"]],
  ["an argument too many", { command: "lag", operator, sql: "SELECT 1" }, ["sql"]],
  ["no SKU", { command: "sale-open", operator }, ["sku_id"]],
  ["a restock of nothing", { command: "sale-restock", sku_id: "steered", quantity: 0, operator }, ["quantity"]],
  ["a batch too small", { command: "batch-size-set", records: 9, operator }, ["records"]],
  ["a batch too large", { command: "batch-size-set", records: 1_001, operator }, ["records"]],
  ["half a SKU", { command: "sale-create", sku: { ...sku("half"), total_stock: 0.5 }, operator }, ["sku.total_stock"]],
])("an event with %s is answered with a problem that names the field", async (_, event, fields) => {
  const answered = (await invoke(event)) as { problem: { errors: { field: string }[] } }
  expect(answered).toMatchObject({ ok: false, problem: { type: "/problems/validation-failed", status: 422 } })
  expect(answered.problem.errors.map(({ field }) => field)).toEqual(fields)
})

test("a refused command is answered with its problem", async () => {
  const refusals: [object, string][] = [
    [{ command: "stats", sku_id: "nowhere" }, "sku-not-found"],
    [{ command: "sale-open", sku_id: "steered" }, "sale-closed"],
    [{ command: "sale-restock", sku_id: "steered", quantity: -8 }, "below-committed"],
    [{ command: "sale-create", sku: { ...sku("steered"), total_stock: 11 } }, "sku-exists"],
  ]
  for (const [asked, slug] of refusals) {
    expect(await invoke({ ...asked, operator })).toMatchObject({ ok: false, problem: { type: `/problems/${slug}` } })
  }
})

test("a command that runs out of time is answered before Lambda ends it: a read changed nothing, a change may have happened", async () => {
  const marginMs = 10_000
  const late = (asked: object) => invoke({ ...asked, operator }, marginMs)
  expect(await late({ command: "verify-sale" })).toMatchObject({ problem: { type: "/problems/temporarily-unavailable" } })
  expect(await late({ command: "sale-halt", sku_id: "steered" })).toMatchObject({
    problem: { type: "/problems/outcome-unknown" },
  })
  expect(await result({ command: "verify-sale" })).toMatchObject({ ok: true })
})

test("the problem document of an outage shows no logins and no addresses", async () => {
  const { DATABASE_URL } = process.env
  process.env.DATABASE_URL = "postgres://login:the-password@127.0.0.1:9/none"
  try {
    const host = { requestId: "one", signal: new AbortController().signal, progress: () => {} }
    const answered = await answer(createOpsRuntime(), { command: "verify-sale", operator }, host)
    expect(answered).toMatchObject({ ok: false, problem: { type: "/problems/temporarily-unavailable" } })
    expect(JSON.stringify(answered)).not.toMatch(/the-password|127\.0\.0\.1|login/)
  } finally {
    process.env.DATABASE_URL = DATABASE_URL
  }
})

test("each function refuses the commands of the other one, and says which field is wrong", async () => {
  const { handler: quick } = await import("../../lambdas/ops/handler.ts")
  const { handler: checks } = await import("../../lambdas/ops-checks/handler.ts")
  const context = lambdaContext("ops", () => functionMs)
  const refused = { ok: false, problem: { type: "/problems/validation-failed", errors: [{ field: "command" }] } }
  for (const command of longCommands) expect(await quick({ command, operator }, context), command).toMatchObject(refused)
  for (const command of ["lag", "sale-halt", "reconcile-mend"])
    expect(await checks({ command, sku_id: "steered", operator }, context), command).toMatchObject(refused)
})

describe("the CLI", () => {
  const deployed = (...args: string[]) => runOps(args, api.variables)

  test("gives the same answers on a stage as locally, word for word", async () => {
    const commands: [string, number][] = [
      ["sale create by-cli --stock 5", 0],
      ["--json sale open by-cli", 0],
      ["stats by-cli", 0],
      ["--json verify-sale", 0],
      ["sale open steered", 1],
    ]
    const progress = /^checking the invariants.*\n/m
    for (const [command, exitCode] of commands) {
      const args = command.split(" ")
      const [here, there] = await Promise.all([sale.ops(...args), deployed("--stage", "prod", ...args)])
      expect(here.exitCode, here.output).toBe(exitCode)
      expect(there, command).toEqual({ exitCode, output: here.output.replace(progress, "") })
    }
    expect(api.invoked).toHaveLength(commands.length)
  })

  test("repeats a restock with the same key when its answer was lost, and the stock changes once", async () => {
    await result({ command: "sale-create", sku: sku("lost") })
    const { exitCode, output } = await deployed("--stage", "load", "sale", "restock", "lost", "10")
    expect(output).toContain("flash-sale-load-ops failed and did not answer")
    expect(output).toMatch(/total_stock\s+20/)
    expect(exitCode).toBe(0)
    expect(keys).toEqual([expect.stringMatching(/^[-0-9a-f]{36}$/), keys[0]])
    expect(output).toContain(`--key ${keys[0]}`)
  })

  test("watches a sale and its queue on a stage", async () => {
    const watched = await deployed("watch", "by-cli", "--rounds", "2", "--interval", "10", "--stage", "prod")
    expect(watched.output.split("\n").filter((line) => line.includes("open"))).toHaveLength(2)
    expect(await deployed("lag", "--stage", "prod")).toMatchObject({ exitCode: 0, output: expect.stringMatching(/end offset/) })
  })

  test("prints what is wrong, and exits with 1", async () => {
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _key, ...nobody } = api.variables
    const alone = { ...nobody, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" }
    const cases: [Promise<{ exitCode: number; output: string }>, string][] = [
      [runOps(["--stage", "prod", "lag"], alone), "There are no AWS credentials"],
      [deployed("--stage", "dev", "lag"), "There is no function flash-sale-dev-ops in eu-central-1"],
      [deployed("--stage", "load", "lag"), "flash-sale-load-ops failed and did not answer (Error: no memory left)"],
      [deployed("--stage", "nowhere", "lag"), "There is no stage"],
      [runOps(["lag"], {}), "No system is running here"],
    ]
    for (const [running, saying] of cases) {
      const { exitCode, output } = await running
      expect(output).toContain(saying)
      expect(exitCode).toBe(1)
    }
  })

  test("while as many verifications run as may, other commands are answered, and a further verification has to wait", async () => {
    const held = Promise.withResolvers<void>()
    beforeCheckEnds = held.promise
    const most = stages.prod.functions["ops-checks"].reservedConcurrency ?? 0
    const before = api.invoked.length
    try {
      const verifications = Array.from({ length: most }, () => deployed("--stage", "prod", "verify-sale"))
      await expect.poll(() => api.invoked.length - before, { timeout: 20_000 }).toBe(most)
      const further = await deployed("--stage", "prod", "verify-sale")
      expect(further).toMatchObject({ exitCode: 1, output: expect.stringContaining("flash-sale-prod-ops-checks is busy") })
      const meanwhile = await deployed("--stage", "prod", "sale", "create", "meanwhile", "--stock", "5")
      expect(meanwhile.exitCode, meanwhile.output).toBe(0)
      expect((await deployed("--stage", "prod", "lag")).exitCode).toBe(0)
      held.resolve()
      for (const { exitCode, output } of await Promise.all(verifications)) expect(exitCode, output).toBe(0)
    } finally {
      held.resolve()
    }
  })

  test("fails on a stage if its ledger was changed, and names the entry", async () => {
    await sale.superuser.query("UPDATE ledger SET amount = amount + 1 WHERE seq = 1")
    expect(await deployed("--stage", "prod", "verify-sale")).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("was changed after it was written"),
    })
    expect(await deployed("--stage", "prod", "invariants")).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("BROKEN"),
    })
    await sale.superuser.query("UPDATE ledger SET amount = amount - 1 WHERE seq = 1")
  })
})
