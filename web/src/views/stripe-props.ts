/** What the form of the payment provider needs. */
export interface StripeProps {
  readonly publishableKey: string
  readonly amount: string
  readonly amountMinor: number
  readonly currency: string
  readonly onPay: (method: string) => void
}
