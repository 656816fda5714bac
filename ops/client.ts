import { setTimeout as delay } from "node:timers/promises"
import type * as z from "zod"
import { OpsAnswer, type OpsRequest, type OpsResult, opsCommands } from "../core/contracts/ops.ts"
import type { ProblemSlug } from "../core/contracts/problems.ts"

type Request = z.input<typeof OpsRequest>
type WithoutOperator<R> = R extends unknown ? Omit<R, "operator"> : never

/** Carries a request to the place that runs it. */
export interface Transport {
  /** @returns its OpsAnswer, not parsed @throws AnswerLost; any other error when nothing was done */
  (request: Request): Promise<unknown>
  /** Closes the connections that it has opened. */
  close?(): Promise<void>
}

/** A command could not be carried out; the message says why. */
export class OpsProblem extends Error {
  override readonly name = "OpsProblem"
  /** The `type` of the problem: `/problems/<slug>`. */
  readonly type: string

  constructor(message: string, type: string) {
    super(message)
    this.type = type
  }
}

/** A command was not answered: it may have been carried out. */
export class AnswerLost extends Error {
  override readonly name: string = "AnswerLost"
}

/** A command with an idempotency key is sent at most this many times. */
export const maxTries = 4
const firstPauseMs = 500

/** Problems after which the same command with the same key may be sent again. */
const lostAnswers: readonly string[] = (["outcome-unknown", "temporarily-unavailable"] satisfies ProblemSlug[]).map(
  (slug) => `/problems/${slug}`,
)

/**
 * Makes a function that sends the commands of core/contracts/ops.ts. When the answer of a command with an idempotency key is
 * lost, the command is sent again with the same key: it is carried out once.
 *
 * @param open makes the transport when the first command needs it
 * @param operator the operator's name, for the log
 * @param warn receives a line before a command is sent again
 * @returns a function that resolves to the command's result. It throws OpsProblem with the problem's title and detail, or the
 * transport's error
 */
export function createClient(open: () => Promise<Transport>, operator: string, warn: (line: string) => void = () => {}) {
  let transport: Promise<Transport> | undefined

  async function send(request: Request): Promise<unknown> {
    transport ??= open()
    return (await transport)(request)
  }

  /** @throws AnswerLost when the last try was not answered either */
  async function sendUntilAnswered(request: Request): Promise<OpsAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answered = await send(request).then(
        (answer) => OpsAnswer.parse(answer),
        (error) => {
          if (error instanceof AnswerLost) return error
          throw error
        },
      )
      const lost = answered instanceof AnswerLost ? answered.message : lostBy(answered)
      const isLast = attempt >= maxTries || !("idempotency_key" in request)
      if (!(answered instanceof AnswerLost) && (lost === undefined || isLast)) return answered
      if (isLast) throw answered
      warn(`no answer (${lost}); the command is sent again with the same key, ${attempt + 1} of at most ${maxTries} times`)
      await delay(firstPauseMs * 2 ** (attempt - 1))
    }
  }

  const ask = async <const Asked extends WithoutOperator<Request>>(asked: Asked): Promise<OpsResult<Asked["command"]>> => {
    const answered = await sendUntilAnswered({ ...asked, operator } as Request)
    if (answered.ok) return opsCommands[asked.command].result.parse(answered.result) as OpsResult<Asked["command"]>
    const { status, title, detail, errors } = answered.problem
    const fields = errors?.map(({ field, message }) => `${field} ${message}`).join("; ")
    throw new OpsProblem([`${status} ${title}`, detail, fields].filter(Boolean).join(": "), answered.problem.type)
  }
  return Object.assign(ask, { close: async () => (await transport)?.close?.() })
}

const lostBy = (answered: OpsAnswer): string | undefined =>
  !answered.ok && lostAnswers.includes(answered.problem.type) ? answered.problem.title : undefined

export type Ask = ReturnType<typeof createClient>
