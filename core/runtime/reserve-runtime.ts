import { strict as assert } from "node:assert"
import * as z from "zod"
import { functionConfig, kafkaEnvironment, redisEnvironment } from "../adapters/config.ts"
import { failpoint } from "../adapters/failpoint.ts"
import { kafkaClient } from "../adapters/kafka/client.ts"
import { createRequestLog, requestLogLimits } from "../adapters/kafka/request-log.ts"
import { createDecisionWaiter, type DecisionWaiter } from "../adapters/redis/decisions.ts"
import { readTimeoutMs } from "../concurrency/concurrency-limit.ts"
import { lazyAsync } from "../concurrency/lazy-async.ts"
import { createSingleFlight, type SingleFlight } from "../concurrency/single-flight.ts"
import { answerLimits } from "../contracts/http/routes.ts"
import { copyLimits } from "../domain/copies.ts"
import { createAdmitRequest } from "../workflows/admission/admit-request.ts"
import { createEnqueueRequest } from "../workflows/admission/enqueue-request.ts"
import { createSubmitRequest, type SubmitRequest } from "../workflows/admission/submit-request.ts"
import { createDirectDecisions } from "../workflows/allocation/direct-decisions.ts"
import type { Find, Found } from "../workflows/reservations/find-reservation.ts"
import type { DocumentDeps } from "../workflows/reservations/reservation-document.ts"
import { closeWithFrontDoor, connections } from "./read-runtime.ts"
import { transitionRuntime } from "./transition-runtime.ts"

const defaultDecisionWaitMs = 1_000
/** Connections for direct decisions, made when the first is asked for: one decides while the next waits for its lock. */
const directPoolSize = 2

/** What the reserving functions work with. */
export interface ReserveSide extends DocumentDeps {
  readonly submitRequest: SubmitRequest
  readonly waiter: DecisionWaiter
  readonly find: Find
  /** Waits for decisions that are under way: the copies of a key wait as one. */
  readonly waits: SingleFlight<Found>
  /** How long a request may wait for its decision. */
  readonly decisionWaitMs: number
}

/** The connections of the reserving functions. @throws Error that names what the environment lacks */
export const reserveSide = lazyAsync(async (): Promise<ReserveSide> => {
  const config = functionConfig({
    ...kafkaEnvironment,
    ...redisEnvironment,
    DECISION_WAIT_MS: z.coerce.number().int().min(0).default(defaultDecisionWaitMs),
  })
  const decisionWaitMs = config.DECISION_WAIT_MS
  // At the end PostgreSQL is looked into twice at most: for the decision, and for a place on the waitlist.
  const slowestWayMs = requestLogLimits.deadlineMs + decisionWaitMs + 2 * readTimeoutMs
  assert(slowestWayMs < answerLimits.reserveMs, "DECISION_WAIT_MS is too long for the answer to come in time")
  assert(
    copyLimits.sendIntervalMs >= requestLogLimits.deadlineMs,
    "A copy would be sent while the send before it may still succeed",
  )
  const { redis, guard, redisAdmission, gap, directory, reservations, find, waitlist } = await connections()
  const requestLog = createRequestLog(kafkaClient(config.KAFKA_BROKERS, "reserve"), config.REQUESTS_TOPIC)
  closeWithFrontDoor(() => requestLog.close())
  const direct = lazyAsync(async () => {
    const runtime = await transitionRuntime({ redisUrl: config.REDIS_URL, poolSize: directPoolSize })
    closeWithFrontDoor(() => runtime.pool.end())
    return createDirectDecisions(runtime)
  })
  const redisParts = { guard, redisAdmission, gap, reach: failpoint("reserve") }
  return {
    submitRequest: createSubmitRequest({
      directory,
      admit: createAdmitRequest({ ...redisParts, directory }),
      enqueue: createEnqueueRequest({ ...redisParts, requestLog }),
      decideDirectly: async (...request) => (await direct())(...request),
    }),
    waiter: createDecisionWaiter({ redis, guard, readDecided: reservations.decided }),
    directory,
    waitlist,
    find,
    waits: createSingleFlight(),
    decisionWaitMs,
  }
})
