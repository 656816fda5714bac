import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import type { DependencyChecks } from "../../core/contracts/http/health.ts"
import { problem } from "../../core/contracts/problems.ts"

/** Ready, also without Redis: then the API is slower. @throws ProblemError with the checks when it cannot take requests */
export function readinessResponse(checks: DependencyChecks): Pick<HttpResponse, "status" | "body"> {
  if (checks.postgres !== "ok" || checks.kafka !== "ok") throw problem("temporarily-unavailable", { extensions: { checks } })
  return { status: 200, body: { status: checks.redis === "ok" ? "ok" : "degraded", checks } }
}
