import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { openComparison } from "../../core/runtime/comparison-runtime.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import type { CheckParts } from "../../core/workflows/operations/checks.ts"

/** The parts of the long commands. A verification needs PostgreSQL alone; a reconciliation opens the other sources. */
export const createChecksRuntime = () =>
  defineRuntime(async (resources): Promise<CheckParts> => {
    const readerPool = lazyAsync(() => openPool(resources, { role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }))
    const comparison = lazyAsync(async () => openComparison(resources, await readerPool()))
    return { readerPool, comparison }
  })
