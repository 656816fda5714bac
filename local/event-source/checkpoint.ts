import { z } from "zod"

const Response = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.object({ partition: z.string(), offset: z.int() }) })).nullish(),
})

/**
 * The offset from which a partition must be delivered again, or undefined if all of it was processed.
 *
 * As on AWS: no answer, or no failures, is success; of several failures the lowest counts; an answer that cannot be understood,
 * or names what was not delivered, fails the whole delivery.
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
