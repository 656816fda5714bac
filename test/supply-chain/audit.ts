import * as z from "zod"
import { jsonOf } from "../../core/contracts/json.ts"

const Report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.enum(["info", "low", "moderate", "high", "critical"]), range: z.string() }),
  ),
})
const Refusal = z.object({ message: z.string() }).or(z.object({ error: z.object({ summary: z.string() }) }))
const stopping: ReadonlySet<string> = new Set(["high", "critical"])

export type AuditVerdict =
  | { readonly kind: "clean"; readonly minor: number }
  | { readonly kind: "vulnerable"; readonly findings: readonly string[] }
  /** The registry gave no answer: the result is unknown. */
  | { readonly kind: "not-asked"; readonly why: string }

/**
 * Judges the output of `npm audit --json`. A finding of high severity or above stops a release. A failed query is reported, and
 * does not count as clean.
 */
export function auditVerdict(printed: string): AuditVerdict {
  const json = jsonOf(printed)
  const report = Report.safeParse(json)
  if (!report.success) return { kind: "not-asked", why: whyOf(json) }
  const all = Object.values(report.data.vulnerabilities)
  const found = all.filter(({ severity }) => stopping.has(severity))
  if (found.length === 0) return { kind: "clean", minor: all.length }
  return { kind: "vulnerable", findings: found.map(({ name, range, severity }) => `${name} ${range}: ${severity}`) }
}

function whyOf(json: unknown): string {
  const { data } = Refusal.safeParse(json)
  if (data === undefined) return "npm audit printed no report"
  return "message" in data ? data.message : data.error.summary
}
