import { expect, test, vi } from "vitest"
import { createProgram } from "../../../ops/program.ts"

/** As `mendedAtOnce` in ops/reconcile-command.ts. */
const mendedAtOnce = 50

test("--apply mends at most 50 ids with one command, so that another command never waits for hundreds of calls to the provider", async () => {
  const all = Array.from({ length: 120 }, (_, index) => `id-${index}`)
  let left = all
  const batches: string[][] = []
  const answer = (request: { command: string; ids?: string[] }): unknown => {
    if (request.command === "reconcile-mend") {
      const ids = request.ids ?? []
      batches.push(ids)
      left = left.filter((id) => !ids.includes(id))
      return { mended: ids.length, failed: [] }
    }
    const difference = {
      ...{ kind: "hold-overdue", sku_id: "sneaker-42", detail: "overdue", count: left.length, ids: left },
      ...{ mend: "expire", heading: "UndersellDetected" },
    }
    return { sales: [], differences: left.length === 0 ? [] : [difference], away: [], payments_of_others: null }
  }
  vi.spyOn(console, "log").mockImplementation(() => {})
  vi.spyOn(process.stderr, "write").mockReturnValue(true)
  const transport = async (request: unknown) => ({ ok: true, result: answer(request as { command: string }) })
  await createProgram(async () => transport).program.parseAsync(["node", "ops", "reconcile", "sneaker-42", "--apply"])
  vi.restoreAllMocks()

  expect(batches.map(({ length }) => length)).toEqual([mendedAtOnce, mendedAtOnce, 20])
  expect(batches.flat()).toEqual(all)
})
