import * as z from "zod"

/** One flush of one metric by one process: how the local history and the recordings of rehearsals keep it, one a line. */
export const Measured = z.strictObject({
  /** When the process wrote the values, which may be up to ten seconds old. CloudWatch files them under this time, too. */
  at_ms: z.int(),
  /** The function that reports: the dimension `service`. */
  service: z.string(),
  name: z.string(),
  unit: z.string(),
  /** Further dimensions, such as `group` or `reason`. */
  labels: z.record(z.string(), z.string()),
  values: z.array(z.number()),
})
export type Measured = z.output<typeof Measured>
