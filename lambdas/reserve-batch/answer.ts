import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import { problemFor, refusalProblem } from "../../core/adapters/http/error-problems.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { type ProblemError, problem } from "../../core/contracts/problems.ts"
import type { Refused } from "../../core/workflows/admission/resolve-request.ts"

type Item = BatchAnswer["items"][number]

/** The item of a request that was not admitted. */
export const refusedItem = (refusal: Refused, instance: string): Item => itemOf(refusalProblem(refusal), instance)

/** The item of a request that failed before its decision. */
export const failedItem = (error: unknown, instance: string): Item => itemOf(problemOf(error), instance)

const itemOf = ({ slug, details }: ProblemError, instance: string): Item =>
  problemDocument(slug, { ...details, extensions: { decided: false, ...details.extensions } }, instance)

function problemOf(error: unknown): ProblemError {
  const expected = problemFor(error)
  if (expected) return expected
  if (isUnavailable(error)) return problem("temporarily-unavailable", {}, error)
  logger.error("An item of a batch failed unexpectedly; the answer asks its client to repeat it", { error: error as Error })
  return problem("internal-error", {}, error)
}
