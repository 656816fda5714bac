import { expect, test } from "vitest"
import type { Committed, Transact } from "../../../core/adapters/postgres/transaction.ts"
import { createApplyCommand } from "../../../core/workflows/allocation/apply-command.ts"

const nothing: Committed = {
  allocation: { answers: [], changes: [] },
  loaded: {
    now: 0,
    extended: [],
    decidedSeqs: new Map(),
    skuIds: new Map(),
    state: { skus: new Map(), overdue: new Map(), waiting: new Map(), decided: new Map(), holdings: new Map() },
  },
}

/** A command runner whose transaction fails a given number of times with a SQLSTATE, and the moments of its tries. */
function failing(code: string, times: number) {
  const triesAtMs: number[] = []
  const transact: Transact = async () => {
    triesAtMs.push(performance.now())
    if (triesAtMs.length <= times) throw Object.assign(new Error("x"), { code })
    return nothing
  }
  const deps = { transact, pool: {} as never, projection: { project: async () => {} } as never }
  return { applyCommand: createApplyCommand(deps), triesAtMs }
}

test.each(["FS003", "23505", "40P01", "40001", "25006"])("%s is tried again after a pause that grows", async (code) => {
  const { applyCommand, triesAtMs } = failing(code, 3)
  await applyCommand(1, { kind: "expire" })
  const pausesMs = triesAtMs.slice(1).map((atMs, index) => atMs - (triesAtMs[index] ?? 0))
  // At least half of 10, 20 and 40 ms; a timer may be early by a millisecond.
  expect(pausesMs).toHaveLength(3)
  for (const [index, leastMs] of [4, 9, 19].entries()) expect(pausesMs[index]).toBeGreaterThanOrEqual(leastMs)
})

test.each([
  ["a race that is lost again and again", "FS004", 4],
  ["an outage", "08006", 1],
  ["a constraint", "23514", 1],
])("%s is not tried again without end, because a shopper waits", async (_case, code, tries) => {
  const { applyCommand, triesAtMs } = failing(code, 9)
  await expect(applyCommand(1, { kind: "expire" })).rejects.toMatchObject({ code })
  expect(triesAtMs).toHaveLength(tries)
})
