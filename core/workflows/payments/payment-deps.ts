import type { Pool } from "pg"
import type { PaymentProvider } from "../../adapters/payment/provider.ts"
import type { CheckoutIds } from "../../adapters/postgres/checkouts.ts"
import type { ReservationSnapshot } from "../../adapters/postgres/reservations.ts"
import type { ApplyCommand } from "../allocation/apply-command.ts"
import type { MarkOrderPaid } from "./mark-orders-paid.ts"

/** What a payment needs to be looked up and recorded. */
export interface ProviderDeps {
  /** Connections of the checkout role, or of another role that may read and write what the caller does. */
  readonly pool: Pool
  readonly provider: PaymentProvider
}

/** A checkout, and the time that it has. */
export interface TimedCheckout {
  readonly ids: CheckoutIds
  /** By `performance.now()`. No step begins after it. */
  readonly endsAtMs: number
}

/** What a checkout needs to continue. */
export interface ProceedDeps extends ProviderDeps {
  readonly applyCommand: ApplyCommand
  /** Shows shoppers what was confirmed. */
  readonly show: (confirmed: ReservationSnapshot) => Promise<void>
}

/**
 * What is needed to collect the money of orders. The pool may be of any role that reads orders and attempts and writes retries.
 */
export interface CaptureDeps extends ProviderDeps {
  readonly applyCommand: ApplyCommand
  readonly markOrderPaid: MarkOrderPaid
}
