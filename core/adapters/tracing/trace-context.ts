import { randomBytes } from "node:crypto"

/** The trace that a piece of work belongs to, and the span that it is a part of (W3C Trace Context, version 00). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: the span that the work is a part of. */
  readonly spanId: string
  /** Whether somebody records this trace. */
  readonly isSampled: boolean
}

/** An all-zero trace or parent is invalid. */
const traceparentPattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
/** X-Ray's id of a trace: a version, 8 hexadecimal digits of its time, and 24 of its own. */
const xrayRootPattern = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/
const xrayParentPattern = /^[0-9a-f]{16}$/

/** Reads a `traceparent`. Undefined when it is not valid. */
export function readTraceparent(text: string): TraceContext | undefined {
  const [, traceId, spanId, flags] = traceparentPattern.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Whether a `traceparent` is valid and names a trace that is recorded. */
export const isSampled = (traceparent: string): boolean => readTraceparent(traceparent)?.isSampled ?? false

/** The `traceparent` that is passed on to work that is a part of this span. */
export const traceparentOf = ({ traceId, spanId, isSampled: sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`

export const newSpanId = (): string => randomBytes(8).toString("hex")

/** X-Ray's members of its header `X-Amzn-Trace-Id`, such as `Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1`. */
export interface XRayHeader {
  readonly Root?: string
  readonly Parent?: string
  readonly Sampled?: string
}

/** The same trace by W3C's names. Undefined when X-Ray does not record it, or when the header names no parent. */
export function fromXRay({ Root = "", Parent = "", Sampled }: XRayHeader): TraceContext | undefined {
  const [, time, rest] = xrayRootPattern.exec(Root) ?? []
  if (time === undefined || rest === undefined || !xrayParentPattern.test(Parent) || Sampled !== "1") return undefined
  return { traceId: `${time}${rest}`, spanId: Parent, isSampled: true }
}

/** X-Ray's name of a trace. */
export const xrayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
