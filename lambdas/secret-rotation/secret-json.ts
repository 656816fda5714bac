import type * as z from "zod"

/** What a secret holds. @throws Error, without the secret's text or the schema's complaint, which could show it */
export function parseSecret<Schema extends z.ZodType>(name: string, schema: Schema, secret: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(secret))
  if (!parsed.success) throw new Error(`${name} is not of the form that core/contracts/environment.ts gives`)
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
