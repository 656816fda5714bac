import type { OpsCommand, OpsRequest, OpsResult } from "../../../core/contracts/ops.ts"
import { type CommandKey, operatorsId } from "../../../core/domain/keyed-command.ts"
import type { Progress } from "../../../core/workflows/administration/verify-sale.ts"
import type { OpsParts } from "../runtime.ts"

/** Where a command runs: the receiver of its progress, and the signal that ends it. */
export interface OpsHost {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The request of one command. */
export type RequestOf<Name extends OpsCommand> = Extract<OpsRequest, { command: Name }>

/** Carries out each command of `Name`. They throw ProblemError to answer with, and the errors of PostgreSQL, Redis and Kafka. */
export type Handlers<Name extends OpsCommand> = {
  readonly [Each in Name]: (parts: OpsParts, request: RequestOf<Each>, host: OpsHost) => Promise<OpsResult<Each>>
}

/** All operators share their keys: one operator may repeat a command that another began. */
export const keyOf = ({ idempotency_key: key }: { readonly idempotency_key?: string | undefined }): CommandKey | undefined =>
  key === undefined ? undefined : { owner: operatorsId, key }
