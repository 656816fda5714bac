// Parts of kafkajs 2.2.4 that its types leave out.
declare module "kafkajs/src/broker/saslAuthenticator/scram512.js" {
  import type { Mechanism } from "kafkajs"

  const scramSha512: (login: { readonly username: string; readonly password: string }) => Mechanism["authenticationProvider"]
  export default scramSha512
}

declare module "kafkajs/src/consumer/consumerGroup.js" {
  /** What a consumer fetches, and when. */
  export default class ConsumerGroup {
    /** How long a fetch waits on the broker while no record arrives, in milliseconds. */
    maxWaitTime: number
    /** The paused partitions of each topic. */
    paused(): readonly { readonly partitions: readonly number[] }[]
    fetch(nodeId: number): Promise<unknown[]>
  }
}

declare module "kafkajs/src/network/requestQueue/index.js" {
  export interface SocketRequest {
    /** When it was sent (Date.now()). */
    readonly sentAt: number
    /** Milliseconds. */
    readonly requestTimeout: number
    /** Takes it out of the queue and rejects its promise. */
    timeoutRequest(): void
  }

  /** The requests of one connection. */
  export default class RequestQueue {
    constructor(options: {
      readonly maxInFlightRequests: number
      readonly requestTimeout: number
      readonly enforceRequestTimeout: boolean
      readonly logger: { debug(message: string): void; warn(message: string): void }
    })
    readonly enforceRequestTimeout: boolean
    /** Requests that wait to be sent. */
    readonly pending: readonly SocketRequest[]
    /** Requests that wait for their answer, by correlation id. */
    readonly inflight: ReadonlyMap<number, SocketRequest>
    /** The timer that looks for requests without an answer. `destroy` clears it when the connection is closed. */
    requestTimeoutIntervalId: NodeJS.Timeout | undefined
    /** Sets a timer that looks for requests in `pending` that may be sent, unless it is set. */
    scheduleCheckPendingRequests(): void
    /** Begins to look for requests without an answer. Called when the connection is made. */
    scheduleRequestTimeoutCheck(): void
    sendSocketRequest(request: SocketRequest): void
    push(request: {
      readonly entry: {
        readonly correlationId: number
        readonly resolve: (answer: unknown) => void
        readonly reject: (error: Error) => void
      }
      readonly expectResponse: boolean
      readonly sendRequest: () => void
      readonly requestTimeout?: number
    }): void
    fulfillRequest(answer: { readonly correlationId: number; readonly size: number; readonly payload: Buffer | null }): void
    /** Sends nothing for so long, as the broker asks. */
    maybeThrottle(milliseconds: number): void
  }
}
