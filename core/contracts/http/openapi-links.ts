/**
 * An operation that an answer leads to, and the members of the answer's body that it takes: by the name of the parameter or
 * field.
 */
export interface Lead {
  readonly operation: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
}

/** The next operations for a SKU whose name is known. */
export const ofSku = (member: string): readonly Lead[] => [
  ...["getSku", "getAvailability"].map((operation) => ({ operation, path: { sku_id: member } })),
  { operation: "reserve", body: { sku_id: member } },
]

/** The further operations of its administrator. */
const steering = ["openSale", "closeSale", "haltSale", "resumeSale", "restock", "switchMode", "extendHolds", "getStats"]
export const ofAdminSku: readonly Lead[] = [
  ...ofSku("sku_id"),
  ...steering.map((operation) => ({ operation, path: { sku_id: "sku_id" } })),
]

/** The next operations for a known reservation. While it is queued, the client sends its receipt along. */
export const ofReservation = (query?: Lead["query"]): readonly Lead[] =>
  ["getReservation", "cancelReservation", "checkout"].map((operation) => ({
    operation,
    path: { reservation_id: "reservation_id" },
    ...(query && { query }),
  }))

/** The next operations for a paid reservation. */
export const ofPayment: readonly Lead[] = [
  { operation: "getOrder", path: { order_id: "order_id" } },
  { operation: "refundOrder", path: { order_id: "order_id" } },
  { operation: "listOrders" },
  ...ofReservation(),
]
