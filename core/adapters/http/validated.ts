import type { z } from "zod"
import { type FieldError, type ProblemError, problem } from "../../contracts/problems.ts"

/** Paths of fields named `__proto__`: a schema would overlook them, for reading them does not show that they are there. */
export type UnsafeFields = string[]

/** A batch of a thousand wrong items is not answered with a thousand sentences. */
const maxFieldErrors = 100

/** The value as the schema reads it. @throws ProblemError validation-failed that names each wrong field */
export function validated(schema: z.ZodType, value: unknown, unsafeFields: Readonly<UnsafeFields>): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success && unsafeFields.length === 0) return parsed.data
  throw invalid([...unsafeFields.map(unknownField), ...(parsed.error?.issues ?? []).flatMap(fieldErrors)])
}

/** The problem of a request whose fields are wrong. */
export const invalid = (errors: readonly FieldError[]): ProblemError =>
  problem("validation-failed", { errors: errors.slice(0, maxFieldErrors) })

const unknownField = (field: string): FieldError => ({ field, message: "is not a known field" })

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField([...issue.path, key].join(".")))
  return [{ field: issue.path.join(".") || "body", message: issue.message }]
}
