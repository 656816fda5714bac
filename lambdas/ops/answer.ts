import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import { validated } from "../../core/adapters/http/validated.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import { type OpsAnswer, OpsRequest, opsCommands } from "../../core/contracts/ops.ts"
import { ProblemError, problem } from "../../core/contracts/problems.ts"
import type { OpsRuntime } from "./runtime.ts"
import { carryOut, type OpsHost } from "./workflow.ts"

/**
 * Carries out what an operator asks for, in the words of OpsRequest, and answers in those of OpsAnswer: on AWS the function's handler
 * calls this, locally the CLI itself does. It never throws; what nobody foresaw is in the log and not in the answer.
 */
export async function answer(runtime: OpsRuntime, event: unknown, host: OpsHost & { requestId: string }): Promise<OpsAnswer> {
  const about: { request_id: string } & Partial<OpsRequest> = { request_id: host.requestId }
  try {
    const request = validated(OpsRequest, event) as OpsRequest
    Object.assign(about, request)
    logger.info("An operator's command", about)
    const result = await beforeTimeIsUp(host.signal, carryOut(runtime, request, host))
    logger.info("An operator's command was carried out", about)
    return { ok: true, result }
  } catch (error) {
    const { slug, details } = error instanceof ProblemError ? error : unforeseen(error, about, host.signal)
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

/** What to do is said where the outage is met first: when somebody looks at the line. */
const kafkaAdvice =
  "Kafka does not answer. What was accepted is decided when it is back; to sell on without it, one command a SKU: npm run ops -- mode direct <sku> --force"
