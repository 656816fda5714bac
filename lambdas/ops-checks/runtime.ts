import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { openComparison } from "../../core/runtime/comparison-runtime.ts"
import { functionConfig, kafkaEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import type { CheckParts } from "../../core/workflows/operations/checks.ts"

/** The parts of the long commands. A verification needs PostgreSQL alone; a reconciliation opens the other sources. */
export const createChecksRuntime = () =>
  defineRuntime(async (resources): Promise<CheckParts> => {
    const { REQUESTS_TOPIC: requestsTopic } = functionConfig({ REQUESTS_TOPIC: kafkaEnvironment.REQUESTS_TOPIC })
    const readerPool = lazyAsync(() => openPool(resources, { role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }))
    const comparison = lazyAsync(async () => openComparison(resources, { checkPool: await readerPool(), requestsTopic }))
    return { readerPool, comparison }
  })
