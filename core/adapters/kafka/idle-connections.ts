import RequestQueue, { type SocketRequest } from "kafkajs/src/network/requestQueue/index.js"

const { scheduleCheckPendingRequests, sendSocketRequest } = RequestQueue.prototype

/** When the next look for requests without an answer is due (Date.now()), by connection. */
const nextCheckAtMs = new WeakMap<RequestQueue, number>()

/**
 * Lets idle connections of kafkajs 2.2.4 rest; it replaces three methods of kafkajs and may be called again.
 *
 * - From its first answer on, each connection sets a timer that looks for requests that wait to be sent, and the timer sets
 *   itself again. When none waits, kafkajs computes a time in the past, which Node turns into 1 ms (tulios/kafkajs#1751): an
 *   idle process wakes 700 times a second. kafkajs sets the timer also when a request has to wait, and it is not needed before.
 * - Each connection looks every 100 ms for requests without an answer. Here the timer is set for the first request whose time
 *   would be over. A connection without requests has no timer.
 */
export function letIdleConnectionsRest(): void {
  Object.assign(RequestQueue.prototype, {
    scheduleCheckPendingRequests: checkPendingOnlyIfAny,
    scheduleRequestTimeoutCheck: checkTimeoutsWhenDue,
    sendSocketRequest: sendAndWatch,
  })
}

function checkPendingOnlyIfAny(this: RequestQueue): void {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
}

function checkTimeoutsWhenDue(this: RequestQueue): void {
  clearTimeout(this.requestTimeoutIntervalId)
  nextCheckAtMs.delete(this)
  for (const request of this.inflight.values()) watch(this, request)
}

function sendAndWatch(this: RequestQueue, request: SocketRequest): void {
  sendSocketRequest.call(this, request)
  if (this.inflight.size > 0) watch(this, request)
}

/** Moves the next check forward if the time of this request is over before it. */
function watch(queue: RequestQueue, { sentAt, requestTimeout }: SocketRequest): void {
  const dueAtMs = sentAt + requestTimeout
  if (!queue.enforceRequestTimeout || dueAtMs >= (nextCheckAtMs.get(queue) ?? Number.POSITIVE_INFINITY)) return
  clearTimeout(queue.requestTimeoutIntervalId)
  nextCheckAtMs.set(queue, dueAtMs)
  // kafkajs' rule is "longer than the time-out". A clock that was set back must not make the wait longer.
  queue.requestTimeoutIntervalId = setTimeout(endOverdue, Math.min(dueAtMs - Date.now(), requestTimeout) + 1, queue)
}

function endOverdue(queue: RequestQueue): void {
  const nowMs = Date.now()
  for (const request of [...queue.inflight.values()]) {
    if (nowMs - request.sentAt > request.requestTimeout) request.timeoutRequest()
  }
  queue.scheduleRequestTimeoutCheck()
}
