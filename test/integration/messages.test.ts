import { afterAll, beforeAll, expect, test } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import type { Message, Messages } from "../../core/contracts/operations/messages.ts"
import { type OpsAnswer, opsCommands } from "../../core/contracts/ops.ts"
import { topics } from "../../core/contracts/topics.ts"
import { openKafka } from "../../core/runtime/kafka.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { requestRecord } from "../sale/records.ts"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"
import { appendRaw } from "../sale/topic-records.ts"

const requests = topics.reservationRequests.name

let sale: RunningSale
let ops: ReturnType<typeof createOpsRuntime>
beforeAll(async () => {
  sale = await runningSale()
  ops = createOpsRuntime()
})
afterAll(async () => {
  await ops.close()
  await sale.expectInvariants()
  await sale.close()
})

const host = { requestId: "the test", signal: new AbortController().signal, progress: () => {} }
const ask = (asked: object): Promise<OpsAnswer> => answer(ops, { operator: "the test", ...asked }, host)

async function page(asked: object): Promise<Messages> {
  const answered = await ask({ command: "messages", topic: requests, ...asked })
  expect(answered).toMatchObject({ ok: true })
  return opsCommands.messages.result.parse(answered.ok && answered.result)
}

/** Everything that matches, page by page. */
async function every(asked: object): Promise<{ messages: Message[]; pages: number }> {
  const messages: Message[] = []
  let [spans, pages]: [Messages["rest"] | undefined, number] = [undefined, 0]
  do {
    const each = await page({ ...asked, ...(spans && { spans }) })
    messages.push(...each.messages)
    spans = each.rest
    pages += 1
  } while (spans.length > 0)
  return { messages, pages }
}

const groupsOf = async (): Promise<string[]> =>
  (await withAdmin(openKafka("the test"), (admin) => admin.listGroups())).groups.map(({ groupId }) => groupId).sort()

test("records are found by partition, offset, time, key and SKU; poison is shown as such; no group is joined", async () => {
  const [first, second] = [await sale.sku({ total_stock: 5 }), await sale.sku({ total_stock: 5 })]
  const records = [requestRecord(first), requestRecord(second), requestRecord(first)]
  const groups = await groupsOf()
  const startedMs = Date.now()
  await appendRaw(sale.topics.requests, 0, [...records, { key: null, value: Buffer.from([250, 1]) }, { key: "x", value: null }])
  await appendRaw(sale.topics.requests, 1, [requestRecord(second)])
  const all = await every({})
  expect(all.messages.map(({ partition, offset, poison }) => [partition, offset, poison])).toEqual([
    ...[0, 1, 2].map((offset) => [0, offset, null]),
    ...[[0, 3, "unknown-version"] as const, [0, 4, "empty"] as const, [1, 0, null] as const],
  ])
  expect(all.messages[0]).toMatchObject({
    key: first.skuId,
    fields: { id: records[0]?.id, user: records[0]?.userId, sku_no: first.skuNo, quantity: 1 },
    poison: null,
  })
  expect(all.messages[0]).not.toHaveProperty("raw")
  expect(JSON.stringify(all.messages)).not.toContain("idempotency")
  expect((await every({ limit: 2 })).messages).toEqual(all.messages)
  expect((await every({ sku: first.skuId })).messages).toHaveLength(2)
  expect((await every({ key: "x" })).messages).toMatchObject([{ poison: "empty", fields: null }])
  expect((await every({ partition: 0, offset: 2 })).messages.map(({ offset }) => offset)).toEqual([2, 3, 4])
  expect((await every({ newest: 1 })).messages.map(({ partition, offset }) => [partition, offset])).toEqual([
    [0, 4],
    [1, 0],
  ])
  expect((await every({ since: new Date(startedMs - 60_000).toISOString() })).messages).toHaveLength(6)
  expect((await every({ since: new Date(Date.now() + 60_000).toISOString() })).messages).toEqual([])
  const raw = await page({ partition: 0, offset: 0, limit: 1, raw: true })
  expect(raw.messages).toMatchObject([{ raw: records[0]?.value.toString("base64") }])
  // What came later is read from the positions of an earlier answer.
  const { positions } = await page({ newest: 1 })
  await appendRaw(sale.topics.requests, 1, [requestRecord(first)])
  expect((await page({ spans: positions })).messages).toMatchObject([{ partition: 1, offset: 1, key: first.skuId }])
  expect(await groupsOf()).toEqual(groups)
  expect(await ask({ command: "messages", topic: "nothing" })).toMatchObject({
    ok: false,
    problem: { type: "/problems/topic-not-found", detail: expect.stringContaining(requests) },
  })
})

test("100,000 records are searched in pages, and what the process holds does not grow with them", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const wanted = requestRecord({ skuId, skuNo })
  const many = Array.from({ length: 10_000 }, () => requestRecord({ skuId: "another", skuNo: 1 }))
  for (let round = 0; round < 10; round += 1) await appendRaw(sale.topics.requests, 1, round === 9 ? [...many, wanted] : many)
  const heap: number[] = []
  let [spans, found, read, pages]: [Messages["rest"] | undefined, number, number, number] = [undefined, 0, 0, 0]
  do {
    const each = await page({ partition: 1, sku: skuId, ...(spans && { spans }) })
    ;[spans, found, read, pages] = [each.rest, found + each.messages.length, read + each.read, pages + 1]
    heap.push(process.memoryUsage().heapUsed)
  } while (spans.length > 0)
  expect(found).toBe(1)
  expect(read).toBeGreaterThan(100_000)
  expect(pages).toBeGreaterThan(5)
  expect(Math.max(...heap) - (heap[0] ?? 0)).toBeLessThan(100 * 1_024 * 1_024)
})

test("topics shows leaders, offsets and what is not as provisioned", async () => {
  const answered = await ask({ command: "topics", topic: requests })
  expect(answered).toMatchObject({ ok: true })
  const { brokers, topics: shown } = opsCommands.topics.result.parse(answered.ok && answered.result)
  expect(brokers).toMatchObject([{ is_controller: true }])
  expect(shown).toMatchObject([
    {
      name: sale.topics.requests,
      exists: true,
      retention_ms: topics.reservationRequests.retentionMs,
      differences: ["2 partitions, expected 10"],
      partitions: [
        { partition: 0, leader: brokers[0]?.id, begin_offset: 0, end_offset: 5 },
        { partition: 1, begin_offset: 0 },
      ],
    },
  ])
  await withAdmin(openKafka("the test"), (admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: sale.topics.requests, configEntries: [{ name: "retention.ms", value: "60000" }] }],
    }),
  )
  expect(await ask({ command: "topics", topic: requests })).toMatchObject({
    result: { topics: [{ differences: expect.arrayContaining(["retention.ms is 60000, expected 604800000"]) }] },
  })
})

test("the CLI prints records and topics", async () => {
  const { exitCode, output } = await sale.ops("--json", "messages", requests, "--partition", "0", "--limit", "2")
  expect(exitCode, output).toBe(0)
  const lines = output.split("\n").filter((line) => line.startsWith("{"))
  expect(lines.map((line) => (JSON.parse(line) as Message).offset)).toEqual([3, 4])
  expect(await sale.ops("topics")).toMatchObject({ exitCode: 0, output: expect.stringContaining("as provisioned") })
})
