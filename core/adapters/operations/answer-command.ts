import { problemDocument } from "../../contracts/http/problem.ts"
import { type OpsAnswer, type OpsRequest, type OpsResult, opsCommands } from "../../contracts/ops.ts"
import { type ProblemError, problem } from "../../contracts/problems.ts"
import { isUnavailable } from "../failure-kind.ts"
import { problemFor } from "../http/error-problems.ts"
import { validated } from "../http/validated.ts"
import { logger } from "../telemetry.ts"

/** Where a command runs. */
export interface CommandHost {
  readonly requestId: string
  /** Ends the command. */
  readonly signal: AbortSignal
}

/** What a function carries out, and with which parts. */
export interface Commands<Parts, Host extends CommandHost> {
  readonly accepts: typeof OpsRequest
  /** Opens the parts, once for the process. */
  readonly runtime: { open(): Promise<Parts> }
  readonly carryOut: (parts: Parts, request: OpsRequest, host: Host) => Promise<OpsResult>
}

/**
 * Carries out an operator's command and answers it (OpsAnswer). It never throws; an unexpected error is in the log and not in the
 * answer.
 */
export async function answerCommand<Parts, Host extends CommandHost>(
  { accepts, runtime, carryOut }: Commands<Parts, Host>,
  event: unknown,
  host: Host,
): Promise<OpsAnswer> {
  const about: { request_id: string } & Partial<OpsRequest> = { request_id: host.requestId }
  try {
    const request = validated(accepts, event) as OpsRequest
    Object.assign(about, request)
    logger.info("An operator sent a command; it is carried out now", about)
    const result = await beforeTimeIsUp(host.signal, carryOut(await runtime.open(), request, host))
    logger.info("An operator's command was carried out", about)
    return { ok: true, result }
  } catch (error) {
    const { slug, details } = problemFor(error) ?? unforeseen(error, about, host.signal)
    logger.info("An operator's command is answered with a problem", { ...about, problem: slug })
    return { ok: false, problem: problemDocument(slug, details) }
  }
}

/** @throws the signal's reason, if it comes before the work has ended */
async function beforeTimeIsUp<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  return Promise.race([work, tooLate])
}

/** A read without an answer did nothing. A change without an answer may have been made. */
function unforeseen(error: unknown, about: Partial<OpsRequest>, signal: AbortSignal): ProblemError {
  logger.error("An operator's command failed", { ...about, error: error as Error })
  const isRead = about.command !== undefined && opsCommands[about.command].readsOnly
  const undecided = isRead ? "temporarily-unavailable" : "outcome-unknown"
  if (signal.aborted) return problem(undecided, { detail: "The command did not end within its time." }, error)
  if (!isUnavailable(error)) return problem("internal-error", {}, error)
  return problem(
    undecided,
    { detail: isOfKafka(error) ? kafkaAdvice : "PostgreSQL or Redis does not answer; the log says which." },
    error,
  )
}

const isOfKafka = (error: unknown): boolean => error instanceof Error && error.name.startsWith("KafkaJS")

/** Operators often notice an outage of Kafka first when they read the lag, so this answer says what to do. */
const kafkaAdvice =
  "Kafka does not answer. Accepted requests are decided when it is back. " +
  "To sell on without it, run one command for each SKU: npm run ops -- mode direct <sku> --force"
