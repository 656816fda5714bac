import type { RequestLog } from "../../adapters/kafka/request-log.ts"
import type { RedisAdmission } from "../../adapters/redis/admission.ts"
import { away, type RedisGuard } from "../../adapters/redis/guard.ts"
import type { QueueGap } from "../../adapters/redis/queue-gap.ts"
import { span, wallClockMs } from "../../adapters/tracing/spans.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import type { ResolvedRequest } from "./resolve-request.ts"

/**
 * Appends an admitted request to the queue of its partition. The position of a copy is the first one that Redis knows of its key,
 * which may belong to another record.
 * @throws Overloaded or TemporarilyUnavailable when the request is certainly not in the queue, OutcomeUnknown when it may be
 */
export type EnqueueRequest = (request: ResolvedRequest, isCopy?: boolean) => Promise<LogPosition>

export interface EnqueueDeps {
  readonly guard: RedisGuard
  readonly redisAdmission: RedisAdmission
  readonly requestLog: RequestLog
  readonly gap: QueueGap
  /** A point where a test may stop the process. */
  readonly reach?: (point: "produced") => Promise<void> | void
}

export function createEnqueueRequest({ guard, redisAdmission, requestLog, gap, reach = () => {} }: EnqueueDeps): EnqueueRequest {
  return async (request, isCopy = false) => {
    const { id, userId, skuNo, quantity, joinWaitlist, bodyHash, partition, sku, trace } = request
    const accepted = { id, userId, skuNo, quantity, joinWaitlist, bodyHash, acceptedAtMs: Date.now() }
    const startedMs = performance.now()
    const position = await requestLog.append(accepted, sku.skuId, partition, trace)
    span(trace?.traceparent, "produce", wallClockMs(startedMs), wallClockMs(), { reservation_id: id, ...position })
    await reach("produced")
    // The first request of a key does not wait for Redis: the broker returned its position. A copy reads from Redis whether there
    // is an earlier position.
    const marked = guard
      .ask(() => redisAdmission.markQueued(request, position))
      .then((standing) => (standing === away ? gap.note() : standing))
    return (isCopy && (await marked)) || position
  }
}
