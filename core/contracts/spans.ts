import * as z from "zod"

/** One piece of work of a traced request, as a line of a file of traces. Nothing in it names a person. */
export const Span = z.strictObject({
  trace_id: z.string(),
  span_id: z.string(),
  /** The span that this one is a part of; it may be of a client, whose spans are not known here. */
  parent_id: z.string(),
  /** The process that did the work. */
  part: z.string(),
  name: z.string(),
  /** True for the first span of a request in this system: its parent is somebody else's. */
  is_entry: z.boolean(),
  /** Milliseconds since the epoch, with fractions. */
  start_ms: z.number(),
  end_ms: z.number(),
  attributes: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Span = z.output<typeof Span>

/** The attribute by which an operator finds a trace. */
export const reservationAttribute = "reservation_id"
