import { createOptimisticWriter, type OptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import type { GivenDatabase } from "./given-sale.ts"
import { requestRecord } from "./records.ts"

export type GivenSku = Awaited<ReturnType<GivenDatabase["sku"]>>
export type Requests = Parameters<GivenDatabase["append"]>[1]

/** New requests for a SKU, each by a new shopper. */
export const requests = (sku: GivenSku, count: number, more = {}) => Array.from({ length: count }, () => requestRecord(sku, more))

export type GivenOptimisticWriter = ReturnType<typeof givenOptimisticWriter>

/** A writer with the optimistic path, and a count of the outcomes of its attempts. */
export function givenOptimisticWriter(given: GivenDatabase) {
  const attempts = { written: 0, refused: 0, declined: 0 }
  const { transact } = given.parts()
  const counted = (): OptimisticWriter => {
    const writer = createOptimisticWriter({ pool: given.transition })
    return {
      remember: writer.remember,
      attempt(scope, plan) {
        const attempt = writer.attempt(scope, plan)
        if (attempt === undefined) attempts.declined += 1
        attempt?.then(
          () => {
            attempts.written += 1
          },
          () => {
            attempts.refused += 1
          },
        )
        return attempt
      },
    }
  }
  const writer = createWriter({ pool: given.transition, projection: given.projection, transact, optimisticWriter: counted })
  return { writer, attempts }
}
