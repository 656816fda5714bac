import { type ProblemDetails, ProblemError, type ProblemSlug, problem } from "../../contracts/problems.ts"
import { CommandRefused, NotFound, OutcomeUnknown, Overloaded, TemporarilyUnavailable } from "../../domain/errors.ts"

/**
 * The problem that an error of the domain is answered with. This is the one place where such errors become problems: everything
 * below the HTTP adapter throws them and knows nothing of HTTP.
 * @returns undefined for an error that is not the domain's
 */
export function problemFor(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error
  if (error instanceof CommandRefused) return problem(error.reason, detailsOf(error), error.cause)
  if (error instanceof NotFound) return problem(`${error.kind}-not-found`, detailsOf(error), error.cause)
  const slug = slugOf(error)
  return slug && problem(slug, detailsOf(error as Overloaded), error)
}

function slugOf(error: unknown): ProblemSlug | undefined {
  if (error instanceof Overloaded || error instanceof TemporarilyUnavailable) return "temporarily-unavailable"
  return error instanceof OutcomeUnknown ? "outcome-unknown" : undefined
}

const detailsOf = ({ detail, retryAfterSeconds }: Pick<Refusal, "detail" | "retryAfterSeconds">): ProblemDetails => ({
  ...(detail !== undefined && { detail }),
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
})

/** A refusal that is a value: why a request was not admitted. */
interface Refusal {
  readonly reason: ProblemSlug
  /** True when the key has a decision: only this call is refused. */
  readonly isDecided: boolean
  readonly detail?: string
  readonly retryAfterSeconds?: number
}

/** The problem of a refused request; its member `decided` says whether the key has a decision. */
export const refusalProblem = (refusal: Refusal): ProblemError =>
  problem(refusal.reason, { ...detailsOf(refusal), extensions: { decided: refusal.isDecided } })
