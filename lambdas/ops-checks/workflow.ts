import type { LongCommand, OpsRequest, OpsResult } from "../../core/contracts/ops.ts"
import { type CheckParts, checkHandlers } from "../../core/workflows/operations/checks.ts"
import type { OpsHost } from "../../core/workflows/operations/handlers.ts"

/** Carries a long command out. @throws ProblemError to answer with, and the errors of PostgreSQL */
export const carryOutCheck = (parts: CheckParts, request: OpsRequest, host: OpsHost): Promise<OpsResult> => {
  const handle = checkHandlers[request.command as LongCommand] as (
    parts: CheckParts,
    request: OpsRequest,
    host: OpsHost,
  ) => Promise<OpsResult>
  return handle(parts, request, host)
}
