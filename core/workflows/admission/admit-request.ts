import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { RedisAdmission } from "../../adapters/redis/admission.ts"
import { away, type RedisGuard } from "../../adapters/redis/guard.ts"
import type { QueueGap } from "../../adapters/redis/queue-gap.ts"
import { record } from "../../adapters/telemetry.ts"
import { span, wallClockMs } from "../../adapters/tracing/spans.ts"
import type { Admission } from "../../domain/admission.ts"
import { saleStatusAt } from "../../domain/sale.ts"
import { recordAdmission } from "./admission-telemetry.ts"
import { createLocalRateLimiter } from "./local-rate-limiter.ts"
import type { ResolvedRequest } from "./resolve-request.ts"

/** Admits a request or says why not. Never throws. */
export type AdmitRequest = (request: ResolvedRequest) => Promise<Admission>

export interface AdmitDeps {
  readonly directory: SkuDirectory
  readonly guard: RedisGuard
  readonly redisAdmission: RedisAdmission
  readonly gap: QueueGap
  /** Notes the trace of an admitted request, for the relay of its events. Without it the events belong to no trace. */
  readonly noteTrace?: (id: string, traceparent: string) => void
  /** A point where a test may stop the process. */
  readonly reach?: (point: "admitted") => Promise<void> | void
}

export function createAdmitRequest(deps: AdmitDeps): AdmitRequest {
  const { directory, guard, redisAdmission, gap, noteTrace, reach = () => {} } = deps
  const limiter = createLocalRateLimiter()

  return async (request) => {
    const startedMs = performance.now()
    const answer = await guard.ask(() => gap.closeThen(() => redisAdmission.admit(request)))
    const admission = answer === away ? await admitWithoutRedis(request) : answer
    record("admit.latency", performance.now() - startedMs)
    recordAdmission(request, admission)
    const traceparent = request.trace?.traceparent
    span(traceparent, "admit", wallClockMs(startedMs), wallClockMs(), { reservation_id: request.id, result: admission.kind })
    if (admission.kind === "refused") return admission
    if (traceparent !== undefined) noteTrace?.(request.id, traceparent)
    await reach("admitted")
    return admission
  }

  /** During an outage of Redis the rate limiter of this process stands in, and PostgreSQL says whether the sale runs. */
  async function admitWithoutRedis(request: ResolvedRequest): Promise<Admission> {
    const { sku: known } = request
    const { sale } = (await directory.findFresh(known.skuId).catch(() => known)) ?? known
    if (sale.mode === "halted") return { kind: "refused", reason: "sale-halted", behaviour: [] }
    if (saleStatusAt(sale, directory.now()) === "draft") return { kind: "refused", reason: "sale-not-open", behaviour: [] }
    const { behaviour, ...verdict } = limiter.look({ ...request, limits: directory.limits() }, performance.now())
    if (verdict.kind !== "limited") return { kind: verdict.kind, progress: {}, behaviour }
    return { kind: "refused", reason: "rate-limited", behaviour, retryAfterSeconds: verdict.retryAfterSeconds }
  }
}
