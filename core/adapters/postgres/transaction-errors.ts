/** What a failed statement means for whoever ran it. */
export type FailureKind =
  /** The database or the way to it: try again, for ever, nothing is lost. */
  | "unavailable"
  /** The watermark is not what was expected: another delivery got there first, or offsets lie. */
  | "watermark"
  /** No watermark exists for the partition. */
  | "no-watermark"
  /** Another transaction decided one of the ids, or moved the ledger: load again and redo. */
  | "conflict"
  /** A SKU of the partition is frozen: the line waits until somebody resumes it. */
  | "frozen"
  /** The sale is in another mode than the caller knew: nothing was written. */
  | "mode"
  /** The same input will fail again. */
  | "permanent"

/** Connection, resources, operator, system and serialization: SQLSTATE classes that pass (PostgreSQL manual, appendix A). */
const passingClasses = new Set(["08", "40", "53", "57", "58"])
/**
 * Node's own words for a broken or refused connection; a lock that was waited for too long (55P03); a password that is not valid now
 * (28P01): it is being rotated, and no record is to blame.
 */
const connectionCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "55P03",
  "28P01",
])
/** pg reports these without a code. */
const connectionMessages =
  /connection terminated|connection error|not queryable|timeout exceeded|read timeout|client was closed|connection ended/i

/** Classifies what `pg` threw. */
export function failureKind(error: unknown): FailureKind {
  const code = codeOf(error)
  if (code === "FS001") return "no-watermark"
  if (code === "FS002") return "watermark"
  if (code === "FS005") return "frozen"
  if (code === "FS006") return "mode"
  if (code === "FS003" || code === "FS004" || code === "23505") return "conflict"
  if (code !== undefined && (passingClasses.has(code.slice(0, 2)) || connectionCodes.has(code))) return "unavailable"
  if (code === undefined && error instanceof Error && connectionMessages.test(error.message)) return "unavailable"
  return "permanent"
}

/** The watermark that a failure of kind `watermark` found. */
export const watermarkFound = (error: unknown): number => Number((error as { detail?: string }).detail)

/** True when a batch that took every id for new held one that was decided before. */
export const hasDecidedId = (error: unknown): boolean =>
  codeOf(error) === "23505" && (error as { constraint?: unknown }).constraint === "reservations_pkey"

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === "string" ? code : undefined
}
