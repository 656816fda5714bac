import type { OpsCommand, OpsRequest, OpsResult } from "../../contracts/ops.ts"
import type { Progress } from "../administration/verify-sale.ts"

/** Where a command runs: the receiver of its progress, and the signal that ends it. */
export interface OpsHost {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The request of one command. */
export type RequestOf<Name extends OpsCommand> = Extract<OpsRequest, { command: Name }>

/** Carries out each command of `Name`. They throw ProblemError to answer with, and the errors of PostgreSQL, Redis and Kafka. */
export type CommandHandlers<Name extends OpsCommand, Parts> = {
  readonly [Each in Name]: (parts: Parts, request: RequestOf<Each>, host: OpsHost) => Promise<OpsResult<Each>>
}
