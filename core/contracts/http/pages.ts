import * as z from "zod"

/** Entries of one page of a list. */
export const defaultPageEntries = 100
export const maxPageEntries = 1_000

const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(maxPageEntries)
  .default(defaultPageEntries)
  .meta({ description: "Entries of a page at most." })

const notACursor = "must be the `next` of a page before"

/** The alphabet of base64url (RFC 4648, section 5); a character holds six bits. */
const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** A cursor is a fixed number of bytes as base64url. It has no meaning for a client, and any other text is no cursor. */
const cursorOfBytes = (bytes: number, example: string) => {
  const length = Math.ceil((bytes * 8) / 6)
  // The bits of the last character that are beyond the bytes are 0.
  const step = 2 ** (length * 6 - bytes * 8)
  const last = [...base64url].filter((_, bits) => bits % step === 0).join("")
  return z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${length - 1}}[${last}]$`), notACursor)
    .meta({ description: "The `next` of the page before; the first page without.", example })
}

/** The `next` of a page: null at the end. */
export const Next = z.string().nullable().meta({ description: "The cursor of the next page; null when this is the last one." })

const numberBytes = 4

/** The cursor behind a SKU of this number. */
export function skuCursor(skuNo: number): string {
  const bytes = Buffer.alloc(numberBytes)
  bytes.writeUInt32BE(skuNo)
  return bytes.toString("base64url")
}

const skuNoOf = (cursor: string): number => Buffer.from(cursor, "base64url").readUInt32BE()

/** The query of a list of SKUs; `cursor` becomes the number that the page comes after. Other parameters are ignored. */
export const SkuPageQuery = z.object({
  limit,
  cursor: cursorOfBytes(numberBytes, skuCursor(100)).transform(skuNoOf).optional(),
})

/** The position of an order in its list: its moment in microseconds, and its id. */
export interface OrderPosition {
  readonly at: number
  readonly orderId: string
}

/** Microseconds in seven bytes reach the year 4253, so PostgreSQL can hold every such moment. */
const momentBytes = 7
const uuidBytes = 16

/** The cursor behind an order. */
export function orderCursor({ at, orderId }: OrderPosition): string {
  const moment = Buffer.alloc(8)
  moment.writeBigUInt64BE(BigInt(at))
  return Buffer.concat([moment.subarray(8 - momentBytes), Buffer.from(orderId.replaceAll("-", ""), "hex")]).toString("base64url")
}

function orderPositionOf(cursor: string): OrderPosition {
  const bytes = Buffer.from(cursor, "base64url")
  const hex = bytes.subarray(momentBytes).toString("hex")
  const orderId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
  const moment = Buffer.concat([Buffer.alloc(8 - momentBytes), bytes.subarray(0, momentBytes)])
  return { at: Number(moment.readBigUInt64BE()), orderId }
}

const exampleOrder = { at: 1_795_770_000_000_000, orderId: "3f2b8c1e-5a4d-5e6f-8a9b-0c1d2e3f4a5b" }

/** The query of a list of orders; `cursor` becomes the position that the page comes after. */
export const OrderPageQuery = z.object({
  limit,
  cursor: cursorOfBytes(momentBytes + uuidBytes, orderCursor(exampleOrder))
    .transform(orderPositionOf)
    .optional(),
})
export type OrderPageQuery = z.output<typeof OrderPageQuery>
