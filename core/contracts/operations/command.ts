import * as z from "zod"
import { IdempotencyKey, SkuId } from "../http/primitives.ts"

/** A command: its arguments, its result, and whether it only reads. A lost answer leaves open only whether a change was made. */
export interface Command<Arguments extends z.ZodRawShape, Result extends z.ZodType> {
  readonly arguments: Arguments
  readonly result: Result
  readonly readsOnly: boolean
}

/** A command that changes nothing. */
export const read = <Arguments extends z.ZodRawShape, Result extends z.ZodType>(
  shape: Arguments,
  result: Result,
): Command<Arguments, Result> => ({ arguments: shape, result, readsOnly: true })

/** A command that changes something. */
export const change = <Arguments extends z.ZodRawShape, Result extends z.ZodType>(
  shape: Arguments,
  result: Result,
): Command<Arguments, Result> => ({ arguments: shape, result, readsOnly: false })

/** The members that several commands have. */
export const ofSku = { sku_id: SkuId }
export const ofOrder = { order_id: z.uuid() }
/** A command that adds something has a key: when it is repeated after a lost answer, it adds nothing. */
export const keyed = { idempotency_key: IdempotencyKey.optional() }
