import { z } from "zod"

const Response = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.object({ partition: z.string(), offset: z.int() }) })).nullish(),
})

/**
 * The offset from which a partition must be delivered again, or undefined if all of it was processed.
 *
 * As on AWS, no response or no failures mean success, and the lowest of several failures counts. A response that cannot be
 * understood, or that names a record outside the delivery, fails the whole delivery.
 *
 * @param response what the function returned
 * @param partition `topic-partition`
 */
export function redeliverFrom(
  response: unknown,
  partition: string,
  delivered: { readonly first: number; readonly last: number },
): number | undefined {
  if (response === undefined || response === null) return undefined
  const parsed = Response.safeParse(response)
  if (!parsed.success) return delivered.first
  const failed = (parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier)
  if (failed.length === 0) return undefined
  const known = failed.every(
    (item) => item.partition === partition && item.offset >= delivered.first && item.offset <= delivered.last,
  )
  return known ? Math.min(...failed.map(({ offset }) => offset)) : delivered.first
}
