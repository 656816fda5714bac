import * as z from "zod"
import { read } from "./command.ts"

/** Records of one answer. */
export const maxMessages = 500

/** A part of a partition that is not read yet; without `to`, up to the end as it is then. */
const Span = z.strictObject({ partition: z.int().min(0), from: z.int().min(0), to: z.int().min(0).optional() })
export type Span = z.output<typeof Span>

export const Message = z.strictObject({
  partition: z.int(),
  offset: z.int(),
  at: z.string(),
  key: z.string().nullable(),
  /** The fields of the record; null when it cannot be decoded. */
  fields: z.record(z.string(), z.unknown()).nullable(),
  /** Why it cannot be decoded; null when it can. */
  poison: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** The first bytes of the value in base64, if they were asked for. */
  raw: z.string().optional(),
})
export type Message = z.output<typeof Message>

export const Messages = z.strictObject({
  messages: z.array(Message),
  /** Records that were read for this answer, also those that did not match. */
  read: z.int(),
  /** What is left to be read; empty at the end. */
  rest: z.array(Span),
  /** Where to go on for records that come later, by partition. */
  positions: z.array(Span),
})
export type Messages = z.output<typeof Messages>

/** Records of a topic, decoded. The reader joins no consumer group and commits no offset. */
export const messageCommands = {
  messages: read(
    {
      topic: z.string().min(1).max(249),
      partition: z.int().min(0).optional(),
      /** Begins at an offset of each partition. */
      offset: z.int().min(0).optional(),
      /** Begins with the first record at or after this moment. */
      since: z.iso.datetime().optional(),
      /** Begins so many records before the end of each partition. */
      newest: z.int().min(1).max(maxMessages).optional(),
      /** Goes on with what an earlier answer left. */
      spans: z.array(Span).max(200).optional(),
      key: z.string().max(200).optional(),
      sku: z.string().max(200).optional(),
      raw: z.boolean().default(false),
      limit: z.int().min(1).max(maxMessages).default(50),
    },
    Messages,
  ),
}
