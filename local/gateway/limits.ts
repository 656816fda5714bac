/** What the gateway grants its clients; the same in spirit as API Gateway and CloudFront, tightened to what the API states. */
export interface GatewayLimits {
  /** Request line and headers together, as in API Gateway; beyond it 431. */
  readonly maxHeaderBytes: number
  /** Above the largest body a route takes, so that the handler itself can refuse what is a little too large; beyond it 413. */
  readonly maxBodyBytes: number
  /** Bodies in memory at once, over all requests; beyond it 503. */
  readonly maxBufferedBytes: number
  /** Headers and body must be complete in this time; beyond it 408. */
  readonly slowClientMs: number
  /** Handlers at work at once; beyond it 503. */
  readonly maxConcurrentRequests: number
  /** Connections beyond it are closed without an answer. */
  readonly maxConnections: number
  /** What API Gateway waits for an integration at most; beyond it 503. */
  readonly handlerTimeoutMs: number
  /** Requests of one connection that are sent and not answered; beyond it the connection is closed. */
  readonly maxPipelinedRequests: number
  /**
   * A client that has not taken its answer by then is cut off. More than `handlerTimeoutMs`: a pipelined answer waits for the one
   * before it.
   */
  readonly unreadAnswerMs: number
  /** How long an idle connection is kept for its client's next request. */
  readonly keepAliveMs: number
  /**
   * How long a refused client may go on sending before the connection is closed: closed at once, he would not read the answer.
   */
  readonly lingerMs: number
  /** How long a stopping gateway waits for requests in flight. */
  readonly drainMs: number
}

const kilobyte = 1_024

export const gatewayLimits: GatewayLimits = {
  maxHeaderBytes: 10 * kilobyte,
  maxBodyBytes: 513 * kilobyte,
  maxBufferedBytes: 64 * kilobyte * kilobyte,
  slowClientMs: 10_000,
  // About a second of work for one process: what comes beyond is told so at once instead of waiting for longer than a shopper
  // would.
  maxConcurrentRequests: 1_024,
  maxConnections: 16_384,
  handlerTimeoutMs: 29_000,
  maxPipelinedRequests: 32,
  unreadAnswerMs: 30_000,
  keepAliveMs: 60_000,
  lingerMs: 1_000,
  drainMs: 15_000,
}
