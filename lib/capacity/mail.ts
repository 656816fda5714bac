import { maxParallelNotices } from "../../core/contracts/notices.ts"
import type { StageConfig } from "../config.ts"

/**
 * The least time that a notice takes: SES answers in about 50 ms, and two writes to DynamoDB take 10 ms each. Faster calls would
 * send more mails a second than this model says, and SES would throttle them; nothing is lost then.
 */
export const leastMsPerNotice = 70
/** A unit is held, expires, is promoted to another shopper and is paid: the first shopper gets one notice, the other two. */
export const noticesPerUnit = 3

/** Mails a second that the notifier can send: its reserved concurrency bounds them. */
export const mailsPerSecond = ({ functions }: StageConfig): number =>
  ((functions.notifier.reservedConcurrency ?? 0) * maxParallelNotices * 1_000) / leastMsPerNotice

/** Environments of the notifier that send no more mails a second than this. */
export const environmentsFor = (rate: number): number => Math.floor((rate * leastMsPerNotice) / (maxParallelNotices * 1_000))

/** Without a sender address a stage writes to nobody. */
export const sendsMail = ({ domain }: StageConfig): boolean => domain?.senderAddress !== undefined
