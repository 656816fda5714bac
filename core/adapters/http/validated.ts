import type { z } from "zod"
import { type FieldError, type ProblemError, problem } from "../../contracts/problems.ts"
import { sentenceOf } from "./sentences.ts"

/** A batch of a thousand wrong items is not answered with a thousand sentences. */
const maxFieldErrors = 100

/** The value as the schema reads it. @throws ProblemError validation-failed that names each wrong field */
export function validated(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value, { error: sentenceOf })
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.flatMap(fieldErrors))
}

/**
 * The problem of a request whose fields are wrong. One fault of a field is enough: what is no safe integer is too large as well.
 */
export function invalid(faults: readonly FieldError[]): ProblemError {
  const byField = new Map<string, FieldError>()
  for (const fault of faults) {
    if (!byField.has(fault.field)) byField.set(fault.field, fault)
    if (byField.size === maxFieldErrors) break
  }
  return problem("validation-failed", { errors: [...byField.values()] })
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ field: [...issue.path, key].join("."), message: "is not a known field" }))
  }
  return [{ field: issue.path.join(".") || "body", message: issue.message }]
}
