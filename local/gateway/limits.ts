/**
 * What one client, and all clients together, may use. The limits follow API Gateway and CloudFront, reduced to what the API
 * needs.
 */
export interface GatewayLimits {
  /** Request line and headers together, as in API Gateway. Above it the gateway answers 431. */
  readonly maxHeaderBytes: number
  /**
   * Larger than the largest body of any route, so that the handler itself refuses a body that is a little too large. Above it:
   * 413.
   */
  readonly maxBodyBytes: number
  /** Bodies of all requests in memory at the same time. Above it: 503. */
  readonly maxBufferedBytes: number
  /** The time until headers and body must be complete. After it: 408. */
  readonly slowClientMs: number
  /** Handlers at work at the same time. Above it: 503. */
  readonly maxConcurrentRequests: number
  /** Further connections are closed without a response. */
  readonly maxConnections: number
  /**
   * New connections of each listening socket that the kernel completes before this process accepts them. The kernel drops further
   * ones, and their clients try again after 1, 3 and 7 s. Linux caps it at net.core.somaxconn (4,096 by default).
   */
  readonly maxUnacceptedConnections: number
  /** The longest time that API Gateway waits for a function. After it: 503. */
  readonly handlerTimeoutMs: number
  /** Requests of one connection without a response. Above it the connection is closed. */
  readonly maxPipelinedRequests: number
  /**
   * A client that has not read its response within this time is disconnected. It is longer than `handlerTimeoutMs`, because a
   * pipelined response waits for the one before it.
   */
  readonly unreadAnswerMs: number
  /** How long an idle connection stays open for the client's next request. */
  readonly keepAliveMs: number
  /**
   * How long a refused client may continue to send before its connection is closed. If it were closed at once, the client could
   * not read the refusal.
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
  // About a second of work for one process. Further requests are refused at once: a shopper would not wait longer.
  maxConcurrentRequests: 1_024,
  maxConnections: 16_384,
  maxUnacceptedConnections: 4_096,
  handlerTimeoutMs: 29_000,
  maxPipelinedRequests: 32,
  unreadAnswerMs: 30_000,
  keepAliveMs: 60_000,
  lingerMs: 1_000,
  drainMs: 15_000,
}
