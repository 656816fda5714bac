import type * as z from "zod"
import { OpsAnswer, type OpsCommand, type OpsRequest, type OpsResult, opsResults } from "../core/contracts/ops.ts"

type Request = z.input<typeof OpsRequest>
type WithoutOperator<R> = R extends unknown ? Omit<R, "operator"> : never

/** Takes a request to where it is carried out and brings what was answered, an OpsAnswer. */
export type Transport = (request: Request) => Promise<unknown>

/** A command that could not be carried out, and why. */
export class OpsProblem extends Error {
  override readonly name = "OpsProblem"
}

/**
 * Asks for commands, in the words of core/contracts/ops.ts.
 *
 * @param open makes the transport when the first command needs it
 * @param operator who asks, for the log
 * @returns the command's result; it throws OpsProblem with the problem's title and detail, or what the transport throws
 */
export function createClient(open: () => Promise<Transport>, operator: string) {
  let transport: Promise<Transport> | undefined
  return async <const Asked extends WithoutOperator<Request>>(asked: Asked): Promise<OpsResult<Asked["command"]>> => {
    transport ??= open()
    const answered = OpsAnswer.parse(await (await transport)({ ...asked, operator } as Request))
    if (answered.ok) return opsResults[asked.command as OpsCommand].parse(answered.result) as OpsResult<Asked["command"]>
    const { status, title, detail, errors } = answered.problem
    const fields = errors?.map(({ field, message }) => `${field} ${message}`).join("; ")
    throw new OpsProblem([`${status} ${title}`, detail, fields].filter(Boolean).join(": "))
  }
}

export type Ask = ReturnType<typeof createClient>
