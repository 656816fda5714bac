import type { NoticeKind, NoticeState } from "../../domain/notices/notice.ts"

/** A notice is known for longer than its event is kept on Kafka: a replay within a generation sends nothing again. */
export const noticeRetentionDays = 30

/** Identifies a notice: its event, and the generation in which it is sent. */
export interface NoticeKey {
  readonly eventId: string
  readonly generation: number
}

/** What the store keeps of a notice. It has no address, no name and no user id. */
export interface NoticeFacts extends NoticeKey {
  readonly kind: NoticeKind
  readonly skuId: string
  readonly reservationId: string
  readonly orderId?: string | undefined
  readonly occurredAtMs: number
}

export interface NoticeRecord extends NoticeFacts {
  readonly state: NoticeState
  /** Why it was not sent, or did not arrive: a code. */
  readonly reason?: string | undefined
  /** The mail provider's name of the mail. */
  readonly messageId?: string | undefined
  readonly changedAtMs: number
}

/** What a sender records after it has tried to send. */
export interface NoticeOutcome {
  readonly state: "SENT" | "FAILED" | "UNKNOWN"
  readonly reason?: string | undefined
  readonly messageId?: string | undefined
}

export interface NoticeQuery {
  readonly reservationId?: string | undefined
  readonly state?: NoticeState | undefined
  readonly limit: number
}

/**
 * Records of the notices: an intent before a mail is sent, and its outcome after that. Two adapters have one contract (a test
 * runs it against both): PostgreSQL locally, DynamoDB in a deployed stage. Each call may be repeated after a lost answer.
 */
export interface NoticeStore {
  /** The generation in which notices are sent now. */
  generation(): Promise<number>
  /** Begins the next generation: events that are delivered again send their notices again. @returns its number */
  nextGeneration(): Promise<number>
  /**
   * Records a notice that is about to be sent, or one that cannot be sent because there is no address.
   * @param attempt a new id of this attempt to send it
   * @returns undefined when this attempt recorded it; else the state of the notice that exists
   */
  record(notice: NoticeFacts, state: "INTENDED" | "NO_ADDRESS", attempt: string): Promise<NoticeState | undefined>
  /** Records the outcome of an attempt, also when the notice was given up meanwhile. */
  settle(key: NoticeKey, attempt: string, outcome: NoticeOutcome): Promise<void>
  /** Forgets the intent of an attempt that certainly sent nothing. A notice that was given up meanwhile stays UNKNOWN. */
  release(key: NoticeKey, attempt: string): Promise<void>
  /** Makes a notice without an outcome UNKNOWN. @returns false when it has an outcome now */
  giveUp(key: NoticeKey): Promise<boolean>
  /** Records what the mail provider reports later. @returns false when there is no such notice, or a worse report is known */
  report(key: NoticeKey, state: "BOUNCED" | "COMPLAINED", reason?: string): Promise<boolean>
  /** Notices for an operator, the last changed first. */
  list(query: NoticeQuery): Promise<readonly NoticeRecord[]>
}
