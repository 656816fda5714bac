import type { QueueProgress } from "./queue-estimate.ts"
import type { Instant } from "./reservation.ts"
import type { ReservationView } from "./reservation-view.ts"
import type { SaleStatus, WriteMode } from "./sale.ts"
import type { BehaviourSignal, Client } from "./suspicion.ts"
import type { Limits } from "./token-bucket.ts"

/** A request as admission sees it. */
export interface AdmissionRequest {
  readonly id: string
  readonly userId: string
  readonly owner: number
  readonly skuNo: number
  readonly partition: number
  readonly quantity: number
  readonly joinWaitlist: boolean
  readonly bodyHash: number
  /** Pays for the request with a token of the rate limit; undefined when the request costs none. */
  readonly client?: Client
  /** The limits of the stage when the request came; absent: normal. */
  readonly limits?: Limits
  /** The mode of the sale as PostgreSQL returned it, for a Redis that has lost the sale. */
  readonly mode: WriteMode
  /** A moment that PostgreSQL's clock has passed: it decides about opening and closing. */
  readonly moment: Instant
  /** The status of the sale at that moment as PostgreSQL returned it, for a Redis that has lost the sale. */
  readonly status: SaleStatus
}

export type AdmissionRefusal =
  | "idempotency-key-reused"
  | "sale-halted"
  | "sale-not-open"
  | "sale-closed"
  | "rate-limited"
  | "sold-out"
  | "temporarily-unavailable"

/** The answer of admission. A refusal is no decision: it is not stored and may differ on a retry. */
export type Admission =
  | {
      readonly kind: "admitted"
      readonly progress: QueueProgress
      readonly behaviour: readonly BehaviourSignal[]
      /** The key was admitted before, and the record of that call may be in the queue. */
      readonly isCopy?: true
    }
  /** A copy of the request was admitted a moment ago; another record of it would add nothing. */
  | { readonly kind: "pending"; readonly progress: QueueProgress; readonly behaviour: readonly BehaviourSignal[] }
  /** The request of this key is queued, or decided. */
  | { readonly kind: "seen"; readonly view: ReservationView; readonly progress: QueueProgress }
  | {
      readonly kind: "refused"
      readonly reason: AdmissionRefusal
      readonly behaviour: readonly BehaviourSignal[]
      readonly retryAfterSeconds?: number
      /** The key is decided: only this call is refused. */
      readonly isDecided?: true
    }
