import type { RequestLog, Trace } from "../../adapters/kafka/request-log.ts"
import type { SkuDirectory, SkuRecord } from "../../adapters/postgres/sku-directory.ts"
import type { Admission, AdmissionRequest, RedisAdmission } from "../../adapters/redis/admission.ts"
import { away, type RedisGuard } from "../../adapters/redis/guard.ts"
import type { QueueGap } from "../../adapters/redis/queue-gap.ts"
import { record } from "../../adapters/telemetry.ts"
import { type ProblemError, problem } from "../../contracts/problems.ts"
import { bodyHashOf, ownerOf } from "../../domain/ids.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import { saleStatusAt } from "../../domain/sale.ts"
import type { Asker } from "../../domain/suspicion.ts"
import { recordAdmission } from "./admission-telemetry.ts"
import { createLocalRateLimiter } from "./local-rate-limiter.ts"

/** What a shopper asks for. */
export interface Wish {
  readonly id: string
  readonly userId: string
  readonly skuId: string
  readonly quantity: number
  readonly joinWaitlist: boolean
  /** Whose rate token it costs; undefined when it costs none. */
  readonly asker?: Asker
  readonly trace?: Trace
}

/** A wish for a SKU that exists, in a quantity that it allows. */
export interface IntakeRequest extends AdmissionRequest {
  readonly sku: SkuRecord
  readonly trace?: Trace
}

/** The way of a request into the line. Nothing here decides anything: what is refused may be asked again. */
export interface Intake {
  /** @throws ProblemError sku-not-found or quantity-limit; PostgreSQL's errors while the SKU is unknown to this process */
  request(wish: Wish): Promise<IntakeRequest>
  /** Lets a request through or says why not; never throws. */
  admit(request: IntakeRequest): Promise<Admission>
  /**
   * Puts it in line. The place of a copy is the first one that is known of its key, which may be another record's.
   * @throws ProblemError temporarily-unavailable or outcome-unknown
   */
  enqueue(request: IntakeRequest, isCopy?: boolean): Promise<LogPosition>
}

export interface IntakeDeps {
  readonly directory: SkuDirectory
  readonly guard: RedisGuard
  readonly desk: RedisAdmission
  readonly requestLog: RequestLog
  readonly gap: QueueGap
  /** A point that a test may stop the process at. */
  readonly reach?: (point: "admitted" | "produced") => Promise<void> | void
}

export function createIntake({ directory, guard, desk, requestLog, gap, reach = () => {} }: IntakeDeps): Intake {
  const limiter = createLocalRateLimiter()

  /** While Redis is away: this process' own limiter, and what PostgreSQL says of the sale. */
  const admitAlone = async (request: IntakeRequest): Promise<Admission> => {
    const { sku: known } = request
    const { sale } = (await directory.findFresh(known.skuId).catch(() => known)) ?? known
    if (sale.mode === "halted") return { kind: "refused", reason: "sale-halted", behaviour: [] }
    if (saleStatusAt(sale, directory.now()) === "draft") return { kind: "refused", reason: "sale-not-open", behaviour: [] }
    const { behaviour, ...verdict } = limiter.look(request, performance.now())
    if (verdict.kind !== "limited") return { kind: verdict.kind, line: {}, behaviour }
    return { kind: "refused", reason: "rate-limited", behaviour, retryAfterSeconds: verdict.retryAfterSeconds }
  }

  return {
    async request({ id, userId, skuId, quantity, joinWaitlist, asker, trace }) {
      const sku = await directory.findTimely(skuId)
      if (sku === undefined) throw problem("sku-not-found")
      const { skuNo, perUserLimit, mode } = sku.sale
      const moment = directory.now()
      if (quantity > perUserLimit) throw problem("quantity-limit", { detail: `At most ${perUserLimit} per shopper.` })
      const bodyHash = bodyHashOf(skuId, quantity, joinWaitlist)
      return {
        id,
        userId,
        owner: ownerOf(userId),
        skuNo,
        partition: sku.partition,
        quantity,
        joinWaitlist,
        bodyHash,
        mode,
        moment,
        status: saleStatusAt(sku.sale, moment),
        sku,
        ...(asker && { asker }),
        ...(trace && { trace }),
      }
    },

    async admit(request) {
      const startedMs = performance.now()
      const answer = await guard.ask(() => gap.closeThen(() => desk.admit(request)))
      const admission = answer === away ? await admitAlone(request) : answer
      record("admit.latency", performance.now() - startedMs)
      recordAdmission(request, admission)
      if (admission.kind !== "refused") await reach("admitted")
      return admission
    },

    async enqueue(request, isCopy = false) {
      const { id, userId, skuNo, quantity, joinWaitlist, bodyHash, partition, sku, trace } = request
      const accepted = { id, userId, skuNo, quantity, joinWaitlist, bodyHash, acceptedAtMs: Date.now() }
      const place = await requestLog.append(accepted, sku.skuId, partition, trace)
      await reach("produced")
      // The first waits for nobody: the broker knows its place. A copy asks Redis whether there is an earlier one.
      const marked = guard
        .ask(() => desk.markQueued(request, place))
        .then((standing) => (standing === away ? gap.note() : standing))
      return (isCopy && (await marked)) || place
    },
  }
}

/** When to come back, where the reason of a refusal is expected to pass. */
const retryAfterSeconds = { "sale-halted": 5, "temporarily-unavailable": 5 } as const

/** The problem that a refusal by admission is answered with. */
export function admissionProblem(
  refusal: Pick<Extract<Admission, { kind: "refused" }>, "reason" | "retryAfterSeconds" | "isDecided">,
): ProblemError {
  const { reason, isDecided } = refusal
  const seconds =
    refusal.retryAfterSeconds ?? (reason in retryAfterSeconds ? retryAfterSeconds[reason as keyof typeof retryAfterSeconds] : 0)
  return problem(reason, {
    ...(seconds > 0 && { retryAfterSeconds: seconds }),
    ...(isDecided && { extensions: { decided: true } }),
  })
}
