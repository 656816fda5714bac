import * as z from "zod"
import { type ProblemDetails, type ProblemSlug, problems } from "../problems.ts"

/** application/problem+json (RFC 9457), with the members of the reservation if the problem is about one. */
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

/** The document of a problem: the slug gives type, title and status. It never contains internal data. */
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
