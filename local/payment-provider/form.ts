import { z } from "zod"
import { invalidRequest } from "./stripe-error.ts"

/** Fields of a form or a query: text, or one level of named texts (`metadata[attempt_id]`). */
export type Form = Readonly<Record<string, string | Readonly<Record<string, string>>>>

/** Reads Stripe's form encoding. @throws StripeError 400 for deeper nesting */
export function parseForm(text: string): Form {
  const fields = new Map<string, string>()
  const groups = new Map<string, Map<string, string>>()
  for (const [name, value] of new URLSearchParams(text)) {
    const [, outer, inner] = /^([^[\]]+)(?:\[([^[\]]*)\])?$/.exec(name) ?? []
    if (outer === undefined) throw invalidRequest("parameter_unknown", `Received unknown parameter: ${name}`, { param: name })
    if (inner === undefined) fields.set(outer, value)
    else groups.set(outer, (groups.get(outer) ?? new Map()).set(inner, value))
  }
  return Object.fromEntries([...fields, ...[...groups].map(([name, members]) => [name, Object.fromEntries(members)] as const)])
}

/** Reads the fields of an operation. @throws StripeError 400 that names the parameter */
export function readForm<Schema extends z.ZodType>(schema: Schema, form: Form): z.output<Schema> {
  const parsed = schema.safeParse(form)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === "unrecognized_keys") {
    throw invalidRequest("parameter_unknown", `Received unknown parameter: ${issue.keys[0]}`, { param: issue.keys[0] })
  }
  const param = issue?.path.join(".") ?? ""
  throw param in form
    ? invalidRequest("parameter_invalid", `Invalid ${param}: ${issue?.message}`, { param })
    : invalidRequest("parameter_missing", `Missing required param: ${param}.`, { param })
}

export const wholeNumber = z
  .string()
  .regex(/^\d{1,10}$/, "must be an integer")
  .transform(Number)
export const textMap = z.record(z.string(), z.string())
