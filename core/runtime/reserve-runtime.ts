import { strict as assert } from "node:assert"
import type { Pool } from "pg"
import * as z from "zod"
import { createRequestLog, type RequestLog, requestLogLimits } from "../adapters/kafka/request-log.ts"
import { partitionsInUse } from "../adapters/postgres/sales-now.ts"
import { createDecisionWaiter, type DecisionWaiter } from "../adapters/redis/decisions.ts"
import { createTraceNotes } from "../adapters/redis/trace-notes.ts"
import { readTimeoutMs } from "../concurrency/concurrency-limit.ts"
import { lazyAsync } from "../concurrency/lazy-async.ts"
import { createSingleFlight, type SingleFlight } from "../concurrency/single-flight.ts"
import { answerLimits } from "../contracts/http/routes.ts"
import { copyLimits } from "../domain/copies.ts"
import { createAdmitRequest } from "../workflows/admission/admit-request.ts"
import { createEnqueueRequest } from "../workflows/admission/enqueue-request.ts"
import { createSubmitRequest, type SubmitRequest } from "../workflows/admission/submit-request.ts"
import { createDirectDecisions, type DecideDirectly } from "../workflows/allocation/direct-decisions.ts"
import type { Find, Found } from "../workflows/reservations/find-reservation.ts"
import type { DocumentDeps } from "../workflows/reservations/reservation-document.ts"
import { functionConfig } from "./environment.ts"
import { failpoint } from "./failpoint.ts"
import { openKafka } from "./kafka.ts"
import { type Resources, shareParts } from "./lifecycle.ts"
import { openReadParts } from "./read-runtime.ts"
import { requestsLog } from "./requests-log.ts"
import { openTransitionParts } from "./transition-runtime.ts"

const defaultDecisionWaitMs = 1_000
/** Connections for direct decisions, made for the first one: one request is decided while the next waits for its lock. */
const directPoolSize = 2

/** The parts of the reserving functions. */
export interface ReserveParts extends DocumentDeps {
  readonly submitRequest: SubmitRequest
  readonly waiter: DecisionWaiter
  readonly find: Find
  /** Waits for decisions: all copies of a key share one wait. */
  readonly waits: SingleFlight<Found>
  /** How long a request may wait for its decision. */
  readonly decisionWaitMs: number
}

/**
 * The parts of the functions of a process that reserve: those of the reading functions, one producer, and connections for direct
 * decisions once there is one. They close with the last of these functions. @throws Error that names what the environment lacks
 */
export const openReserveParts = shareParts(async (resources): Promise<ReserveParts> => {
  const decisionWaitMs = readDecisionWaitMs()
  const { pool, redis, guard, redisAdmission, gap, directory, reservations, find, waitlist, receipts } =
    await openReadParts(resources)
  const redisParts = { guard, redisAdmission, gap, reach: failpoint("reserve") }
  return {
    submitRequest: createSubmitRequest({
      directory,
      admit: createAdmitRequest({ ...redisParts, directory, noteTrace: createTraceNotes(redis, guard).note }),
      enqueue: createEnqueueRequest({ ...redisParts, requestLog: openRequestLog(resources, pool) }),
      decideDirectly: openDirectDecisions(resources),
    }),
    waiter: createDecisionWaiter({ redis, guard, readDecided: reservations.decided }),
    directory,
    waitlist,
    receipts,
    find,
    waits: createSingleFlight(),
    decisionWaitMs,
  }
})

/** @throws Error when a request could wait longer than its answer may take */
function readDecisionWaitMs(): number {
  const { DECISION_WAIT_MS: decisionWaitMs } = functionConfig({
    DECISION_WAIT_MS: z.coerce.number().int().min(0).default(defaultDecisionWaitMs),
  })
  // At the end there are at most two reads of PostgreSQL: of the decision, and of the position on the waitlist.
  const longestMs = requestLogLimits.deadlineMs + decisionWaitMs + 2 * readTimeoutMs
  assert(longestMs < answerLimits.reserveMs, "DECISION_WAIT_MS is too long for the answer to come in time")
  assert(
    copyLimits.sendIntervalMs >= requestLogLimits.deadlineMs,
    "A copy would be sent while the send before it may still succeed",
  )
  return decisionWaitMs
}

/** Warming connects to the leaders of the partitions whose sales sell now or soon: their shoppers all come in one second. */
function openRequestLog(resources: Resources, pool: Pool): RequestLog {
  const { topic, firstOffset } = requestsLog()
  return resources.own(createRequestLog(openKafka("reserve"), topic, requestLogLimits, firstOffset), {
    async warm(log) {
      await log.connect(await partitionsInUse(pool), (broker) => openKafka("reserve", { firstBroker: broker }))
    },
    close: (log) => log.close(),
  })
}

/** Opens its connections for the first direct decision: most sales are decided by the writer. */
function openDirectDecisions(resources: Resources): DecideDirectly {
  const decisions = lazyAsync(async () =>
    createDirectDecisions(await openTransitionParts(resources, { poolSize: directPoolSize })),
  )
  return async (request, epoch) => (await decisions())(request, epoch)
}
