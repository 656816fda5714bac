/**
 * An operation that an answer leads to, and what it takes from the body of that answer: members by the name of the parameter or
 * field.
 */
export interface Lead {
  readonly operation: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
}

/** What can be done with a SKU once its name is known. */
export const ofSku = (member: string): readonly Lead[] => [
  ...["getSku", "getAvailability"].map((operation) => ({ operation, path: { sku_id: member } })),
  { operation: "reserve", body: { sku_id: member } },
]

/** What its administrator can do with it, besides. */
const steering = ["openSale", "closeSale", "haltSale", "resumeSale", "restock", "switchMode", "extendHolds", "getStats"]
export const ofAdminSku: readonly Lead[] = [
  ...ofSku("sku_id"),
  ...steering.map((operation) => ({ operation, path: { sku_id: "sku_id" } })),
]

/** What can be done with a reservation once it is known; while it is queued, its receipt goes along. */
export const ofReservation = (query?: Lead["query"]): readonly Lead[] =>
  ["getReservation", "cancelReservation", "checkout"].map((operation) => ({
    operation,
    path: { reservation_id: "reservation_id" },
    ...(query && { query }),
  }))

/** What can be done once it is paid for. */
export const ofPayment: readonly Lead[] = [
  { operation: "getOrder", path: { order_id: "order_id" } },
  { operation: "listOrders" },
  ...ofReservation(),
]
