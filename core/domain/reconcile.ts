import type { AttemptStatus } from "./checkout.ts"
import type { OrderStatus } from "./sale.ts"

/** What one source says; absent where the source does not know it. */
export interface SaleFigures {
  readonly decided?: number
  readonly total?: number
  readonly reserved?: number
  readonly sold?: number
  readonly waitlisted?: number
  readonly held?: number
  readonly seq?: number
}

/** Every kind of difference: how it is mended, or the heading of the runbook that says what to do. */
export const differenceKinds = {
  "request-lost": { mend: null, heading: "OffsetsDisagree" },
  "ledger-differs": { mend: null, heading: "OversellDetected" },
  "counters-differ": { mend: null, heading: "UndersellDetected" },
  "holdings-differ": { mend: null, heading: "UndersellDetected" },
  "orders-differ": { mend: null, heading: "UndersellDetected" },
  "hold-overdue": { mend: "expire", heading: "SweepLate" },
  "redis-differs": { mend: "reload", heading: "RedisLost" },
  "captured-not-paid": { mend: "settle", heading: "PaymentsSetAside" },
  "not-captured": { mend: "capture", heading: "PaymentsSetAside" },
  "paid-without-capture": { mend: "capture", heading: "PaymentsSetAside" },
  "authorised-without-attempt": { mend: "void", heading: "PaymentsSetAside" },
  "abandoned-holds-money": { mend: "give-back", heading: "PaymentsSetAside" },
  "captured-without-order": { mend: null, heading: "Refunds" },
  "paid-without-money": { mend: null, heading: "Refunds" },
  "refund-differs": { mend: "refund", heading: "RefundFailed" },
} as const satisfies Record<string, { mend: string | null; heading: string }>
export type DifferenceKind = keyof typeof differenceKinds

/** What the tables and the ledger say of one SKU, in one snapshot. */
export interface TableFigures {
  readonly inventory: SaleFigures
  readonly ledger: SaleFigures
  readonly reservations: SaleFigures
  readonly holdings: SaleFigures
  readonly waitlist: SaleFigures
  readonly orders: SaleFigures
  /** The hash of the last ledger entry is the one that the inventory row has. */
  readonly isHead: boolean
  readonly overdue: number
}

/** The differences among the tables of one SKU. */
export function tableDifferences(tables: TableFigures): { kind: DifferenceKind; detail: string }[] {
  const { inventory, ledger, reservations, holdings, waitlist, orders, isHead, overdue } = tables
  const found: { kind: DifferenceKind; detail: string }[] = []
  const compare = (kind: DifferenceKind, names: [string, string], first: SaleFigures, second: SaleFigures) => {
    const details = differing(first, second).map(
      (figure) => `${figure}: ${names[0]} ${first[figure]}, ${names[1]} ${second[figure]}`,
    )
    if (details.length > 0) found.push({ kind, detail: details.join("; ") })
  }
  compare("ledger-differs", ["inventory", "ledger"], inventory, ledger)
  if (!isHead)
    found.push({ kind: "ledger-differs", detail: "the last entry of the ledger is not the one that the inventory row names" })
  compare("counters-differ", ["inventory", "reservations"], inventory, reservations)
  compare("counters-differ", ["inventory", "waitlist"], inventory, waitlist)
  compare("holdings-differ", ["reservations", "user_holdings"], reservations, holdings)
  compare("orders-differ", ["inventory", "orders"], inventory, orders)
  if (overdue > 0) found.push({ kind: "hold-overdue", detail: `${overdue} holds have ended and are not expired` })
  return found
}

/** The figures that both know and that are not the same. */
export const differing = (first: SaleFigures, second: SaleFigures): (keyof SaleFigures)[] =>
  (Object.keys(second) as (keyof SaleFigures)[]).filter((figure) => {
    const [one, other] = [first[figure], second[figure]]
    return one !== undefined && other !== undefined && one !== other
  })

/** Where a payment stands with the provider. */
export type PaymentStatus = "authorised" | "captured" | "action-required" | "unpaid" | "void" | "pending"

/** What the tables know of a payment whose reservation is of this system. */
export interface KnownPayment {
  readonly attempt?: AttemptStatus
  readonly isSettled: boolean
  readonly order?: OrderStatus
}

/**
 * The difference between a payment at the provider and the tables. A payment that is being made is none: its caller gets
 * `graceSeconds`, by the age of the payment.
 */
export function paymentDifference(
  status: PaymentStatus,
  { attempt, isSettled, order }: KnownPayment,
  ageSeconds: number,
  graceSeconds: number,
): DifferenceKind | undefined {
  const holdsMoney = status === "authorised" || status === "captured"
  const isOver = status === "void" || status === "unpaid"
  if (ageSeconds < graceSeconds) return undefined
  if (order === "PENDING_CAPTURE") return status === "captured" ? "captured-not-paid" : "not-captured"
  if (order === "PAID") {
    if (status === "authorised") return "paid-without-capture"
    return isOver ? "paid-without-money" : undefined
  }
  if (order !== undefined || !holdsMoney || isSettled) return undefined
  if (attempt === undefined) return status === "authorised" ? "authorised-without-attempt" : "captured-without-order"
  return attempt === "ABANDONED" ? "abandoned-holds-money" : undefined
}
