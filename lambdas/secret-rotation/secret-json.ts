import type * as z from "zod"
import { jsonOf } from "../../core/contracts/json.ts"

/** The content of a secret. @throws Error without the text of the secret and without the schema's message, which could show it */
export function parseSecret<Schema extends z.ZodType>(name: string, schema: Schema, secret: string): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(secret))
  if (!parsed.success) throw new Error(`${name} does not have the form that core/contracts/environment.ts describes`)
  return parsed.data
}
