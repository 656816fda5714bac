/** `does not apply`: this system has no such part, so that nothing can be wrong with it. */
export const lineStates = ["ok", "not ok", "cannot tell", "does not apply"] as const
export type LineState = (typeof lineStates)[number]

/** The parts of the system, in the order of the table. */
export const preflightParts = [
  "sale",
  "PostgreSQL",
  "Kafka",
  "consumers",
  "Redis",
  "payments",
  "settings",
  "edge",
  "functions",
  "alarms",
  "clocks",
  "quotas",
  "identity",
] as const
export type PreflightPart = (typeof preflightParts)[number]

/** How one item of the checklist stands. */
export interface Finding {
  readonly state: LineState
  /** What was found, and for `cannot tell` why. */
  readonly detail: string
  /**
   * The command that mends it. One of the operators' CLI begins with `ops `; the others are whole command lines. Null when the
   * item is ok.
   */
  readonly mend: string | null
}

/** One line of the checklist. */
export interface PreflightLine extends Finding {
  readonly part: PreflightPart
  readonly item: string
}

export const isOk = (detail: string): Finding => ({ state: "ok", detail, mend: null })
export const isNotOk = (detail: string, mend: string): Finding => ({ state: "not ok", detail, mend })
export const cannotTell = (detail: string, mend: string): Finding => ({ state: "cannot tell", detail, mend })
export const doesNotApply = (detail: string): Finding => ({ state: "does not apply", detail, mend: null })

/** Ok when nothing is wrong; otherwise what is wrong, and the command. */
export const judged = (faults: readonly string[], fine: string, mend: string): Finding =>
  faults.length === 0 ? isOk(fine) : isNotOk(faults.join("; "), mend)

/** What a preflight comes to: what is wrong, what nobody knows. */
export function summaryOf(lines: readonly PreflightLine[]): Readonly<Record<LineState, number>> {
  const linesIn = (state: LineState) => lines.filter((line) => line.state === state).length
  return {
    ok: linesIn("ok"),
    "not ok": linesIn("not ok"),
    "cannot tell": linesIn("cannot tell"),
    "does not apply": linesIn("does not apply"),
  }
}

/** A sale may begin: nothing is wrong, and, unless `allowsUnknown`, everything is known. */
export function isReady(lines: readonly PreflightLine[], allowsUnknown: boolean): boolean {
  const { "not ok": wrong, "cannot tell": unknown } = summaryOf(lines)
  return wrong === 0 && (allowsUnknown || unknown === 0)
}
