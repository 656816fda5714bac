import { count, countBy, logger } from "../../adapters/telemetry.ts"
import type { Admission, AdmissionRequest } from "../../domain/admission.ts"
import { judge } from "../../domain/suspicion.ts"

/**
 * A flood of flagged clients must not become a flood of log lines: in each period a process writes so many lines, and the number
 * of lines that it left out.
 */
const maxLinesPerPeriod = 20
const periodMs = 10_000

let period = { startedAtMs: 0, lines: 0, leftOut: 0 }

/**
 * Counts the refusals of admission, in all and by reason and tier, and the flagged clients, in all and by signal and claimed
 * tier. Only operators see the signals: the author of a script would learn from them what to change.
 */
export function recordAdmission({ owner, client }: AdmissionRequest, admission: Admission): void {
  if (admission.kind === "seen") return
  count("admission.judged")
  const verdict = client && judge(client, admission.behaviour)
  if (admission.kind === "refused") {
    count("admission.refused")
    if (admission.reason === "rate-limited") count("admission.limited")
    countBy("admission.refused", { reason: admission.reason, tier: verdict ? String(verdict.tier) : "none" })
  }
  if (verdict === undefined || verdict.tier !== 1 || verdict.signals.length === 0) return
  count("admission.suspected")
  for (const signal of verdict.signals) countBy("admission.suspected", { reason: signal, tier: String(client?.tier) })
  logSuspect({ owner, tier: client?.tier, signals: verdict.signals, outcome: admission.kind })
}

/** The lines hold 32 bits of the user's id and nothing that the client sent. */
function logSuspect(suspect: { owner: number; tier: number | undefined; signals: readonly string[]; outcome: string }): void {
  const nowMs = Date.now()
  if (nowMs - period.startedAtMs >= periodMs) {
    if (period.leftOut > 0) logger.info("More flagged clients than log lines; the rest is left out", { left_out: period.leftOut })
    period = { startedAtMs: nowMs, lines: 0, leftOut: 0 }
  }
  if (period.lines === maxLinesPerPeriod) {
    period.leftOut += 1
    return
  }
  period.lines += 1
  const { owner, tier, signals, outcome } = suspect
  const user = (owner >>> 0).toString(16).padStart(8, "0")
  logger.info("Flagged a client; it has one token a minute", { user, tier, signals, outcome })
}
