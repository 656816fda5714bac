/**
 * What the page knows of the server's clock: how far it is ahead of the device's clock. Every answer narrows an interval, so the
 * best of several round trips counts. The device's clock may be wrong by hours.
 */
export interface Clock {
  /** The server is ahead of the device by at least `loMs` and at most `hiMs`. Undefined before the first answer. */
  readonly bounds?: { readonly loMs: number; readonly hiMs: number; readonly measuredAtMs: number }
}

/** The times of one exchange. */
export interface Reading {
  /** By the device's clock. */
  readonly sentMs: number
  readonly receivedMs: number
  /** The `Date` header: the second in which the origin, or the edge, made the answer. */
  readonly dateMs?: number
  /** The `Age` header of an answer from a cache, in whole seconds. */
  readonly ageSeconds?: number
  /** A moment that the database's clock had passed when it made the answer. */
  readonly asOfMs?: number
}

export const unmeasured: Clock = {}

/** `Date` and `Age` are cut to whole seconds. */
const headerStepMs = 1_000
/** Two clocks move apart by at most this share of the time that passes. */
const driftRatio = 1e-4

/** Narrows the interval by one answer. An answer that contradicts it counts alone: one of the clocks was set anew. */
export function observe(clock: Clock, reading: Reading): Clock {
  const found = boundsOf(reading)
  if (found === undefined) return clock
  const { bounds } = clock
  const measured = { ...found, measuredAtMs: reading.receivedMs }
  if (bounds === undefined) return { bounds: measured }
  const driftMs = Math.abs(reading.receivedMs - bounds.measuredAtMs) * driftRatio
  const loMs = Math.max(bounds.loMs - driftMs, found.loMs)
  const hiMs = Math.min(bounds.hiMs + driftMs, found.hiMs)
  return { bounds: loMs > hiMs ? measured : { loMs, hiMs, measuredAtMs: reading.receivedMs } }
}

function boundsOf({ sentMs, receivedMs, dateMs, ageSeconds, asOfMs }: Reading): { loMs: number; hiMs: number } | undefined {
  if (dateMs === undefined || !Number.isFinite(dateMs) || receivedMs < sentMs) return undefined
  const madeMs = dateMs + (ageSeconds ?? 0) * headerStepMs
  const steps = ageSeconds === undefined ? 1 : 2
  const loMs = madeMs - receivedMs
  const hiMs = madeMs + steps * headerStepMs - sentMs
  // Sales open by the database's clock. Where it is ahead of the one that wrote the header, it wins.
  const leastMs = asOfMs === undefined ? loMs : Math.max(loMs, asOfMs - receivedMs)
  return { loMs: leastMs, hiMs: Math.max(hiMs, leastMs) }
}

/** The server's clock minus the device's clock, in milliseconds: the middle of the interval, 0 before the first answer. */
export const offsetMsOf = ({ bounds }: Clock): number => (bounds === undefined ? 0 : (bounds.loMs + bounds.hiMs) / 2)

/** How far the offset may be wrong, in milliseconds. */
export const uncertaintyMsOf = ({ bounds }: Clock): number =>
  bounds === undefined ? Number.POSITIVE_INFINITY : (bounds.hiMs - bounds.loMs) / 2

/** The device slept, or its clock was set: between two ticks its two clocks moved by different times. */
export const isJump = (wallElapsedMs: number, steadyElapsedMs: number): boolean =>
  Math.abs(wallElapsedMs - steadyElapsedMs) > longestSkewMs

const longestSkewMs = 2_000
