import { allowedMethods } from "../../contracts/http/routes.ts"
import { type ProblemError, problem } from "../../contracts/problems.ts"

/** Why there is no answer for a method and path: 405 where the path is known for other methods, 404 otherwise. */
export function nothingHere(method: string, path: string): ProblemError {
  const methods = allowedMethods(path)
  if (methods.length === 0 || methods.includes(method)) return problem("not-found")
  return problem("method-not-allowed", { headers: { allow: methods.join(", ") } })
}
