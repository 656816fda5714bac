import * as z from "zod"
import { type ProblemDetails, type ProblemSlug, problems } from "../problems.ts"

/** application/problem+json (RFC 9457), with the members of the reservation where one is concerned. */
export const ProblemDocument = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    decided: z.boolean().optional(),
    errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" })

/** The document of a problem: slug to type, title and status; nothing internal ever enters it. */
export function problemDocument(slug: ProblemSlug, details: ProblemDetails, instance?: string) {
  const { status, title } = problems[slug]
  return {
    ...details.extensions,
    type: `/problems/${slug}`,
    title,
    status,
    ...(details.detail !== undefined && { detail: details.detail }),
    ...(instance !== undefined && { instance }),
    ...(details.errors !== undefined && { errors: details.errors }),
  }
}
