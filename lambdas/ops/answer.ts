import { answerCommand } from "../../core/adapters/http/answer-command.ts"
import { type OpsAnswer, OpsRequest } from "../../core/contracts/ops.ts"
import type { Runtime } from "../../core/runtime/lifecycle.ts"
import type { OpsHost } from "../../core/workflows/operations/handlers.ts"
import type { OpsParts } from "./runtime.ts"
import { carryOut } from "./workflow.ts"

/** Answers every command, long ones too: the CLI calls this for the system of its own machine. */
export const answer = (runtime: Runtime<OpsParts>, event: unknown, host: OpsHost & { requestId: string }): Promise<OpsAnswer> =>
  answerCommand({ accepts: OpsRequest, runtime, carryOut }, event, host)
