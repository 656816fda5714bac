import type { OpsCommand } from "../../../core/contracts/ops.ts"
import { type CommandKey, operatorsId } from "../../../core/domain/keyed-command.ts"
import type { CommandHandlers } from "../../../core/workflows/operations/handlers.ts"
import type { OpsParts } from "../runtime.ts"

/** Carries out each command of `Name` with the parts of this function. */
export type Handlers<Name extends OpsCommand> = CommandHandlers<Name, OpsParts>

/** All operators share their keys: one operator may repeat a command that another began. */
export const keyOf = ({ idempotency_key: key }: { readonly idempotency_key?: string | undefined }): CommandKey | undefined =>
  key === undefined ? undefined : { owner: operatorsId, key }
