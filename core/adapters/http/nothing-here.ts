import { allowedMethods } from "../../contracts/http/routes.ts"
import { type ProblemError, problem } from "../../contracts/problems.ts"

/** The problem of a method and path without a route: 405 when the path has other methods, otherwise 404. */
export function nothingHere(method: string, path: string): ProblemError {
  const methods = allowedMethods(path)
  if (methods.length === 0 || methods.includes(method)) return problem("not-found")
  return problem("method-not-allowed", { headers: { allow: methods.join(", ") } })
}
