import type { z } from "zod"
import { type FieldError, type ProblemError, problem } from "../../contracts/problems.ts"
import { sentenceOf } from "./sentences.ts"

/** Wrong fields that an answer names at most: a batch of a thousand wrong items must not get a thousand sentences. */
const maxFieldErrors = 100

/** The value as the schema reads it. @throws ProblemError validation-failed that names each wrong field */
export function validated(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value, { error: sentenceOf })
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.flatMap(fieldErrors))
}

/**
 * The problem of a request with wrong fields. It names one fault of each field: a number that is no safe integer is also too
 * large.
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
