import * as z from "zod"
import { lineStates, preflightParts } from "../../domain/preflight/line.ts"
import { SkuId, Timestamp } from "../http/primitives.ts"
import { read } from "./command.ts"

/** Sales of one preflight. */
const maxSales = 20

/** One line of the checklist before a sale. */
export const PreflightLine = z.strictObject({
  part: z.enum(preflightParts),
  item: z.string(),
  state: z.enum(lineStates),
  detail: z.string(),
  mend: z.string().nullable(),
})

/** What the operator or the calendar expects of a sale. What is absent is not compared. */
const ExpectedSale = z.strictObject({
  sku_id: SkuId,
  opens_at: Timestamp.optional(),
  closes_at: Timestamp.optional(),
  units: z.int().min(1).optional(),
  price_minor: z.int().min(0).optional(),
  hold_seconds: z.int().min(1).optional(),
})

/** What the function found. */
export const PreflightReport = z.strictObject({ lines: z.array(PreflightLine) })
export type PreflightReport = z.output<typeof PreflightReport>

/** The checklist before a sale, as far as it can be seen from inside the network. */
export const preflightCommands = {
  preflight: read(
    {
      /** Empty: those whose sale opens next. */
      sales: z.array(ExpectedSale).max(maxSales).default([]),
    },
    PreflightReport,
  ),
  /** The clock of the function, in milliseconds since 1970. */
  clock: read({}, z.strictObject({ now_ms: z.number() })),
}
