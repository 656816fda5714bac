import type { Sku } from "../../../core/contracts/http/skus.ts"
import type { Following } from "../machine/purchase-state.ts"
import { useShown } from "./page-context.ts"
import { SimulatedCards } from "./simulated-cards.tsx"
import { StripePart } from "./stripe-part.tsx"

interface PayViewProps {
  readonly skuId: string
  readonly purchase: Following
  readonly sku: Sku
}

/** Pays for the hold. While a payment is open there is nothing to choose: its sentences are above. */
export function PayView({ skuId, purchase, sku }: PayViewProps) {
  const { m, f, config, page } = useShown()
  const { payment, known, leftMs, cancel } = purchase
  if (payment.kind === "confirming") {
    return (
      <p>
        <a class="button main" href={payment.attempt.actionUrl}>
          {m.pay.toBank}
        </a>
      </p>
    )
  }
  if (payment.kind !== "none" || leftMs === 0 || cancel === "sent") return null
  const amountMinor = sku.price_minor * known.quantity
  const amount = f.price(amountMinor, sku.currency)
  const pay = (method: string) => page.pay(skuId, method)
  return (
    <section class="pay" aria-labelledby="pay-title">
      <h3 id="pay-title">{m.pay.title}</h3>
      <p>
        {m.held.total}: <strong>{amount}</strong>
      </p>
      {config.payments.kind === "simulated" ? (
        <SimulatedCards amount={amount} onPay={pay} />
      ) : (
        <StripePart
          publishableKey={config.payments.publishableKey}
          amount={amount}
          amountMinor={amountMinor}
          currency={sku.currency}
          onPay={pay}
        />
      )}
    </section>
  )
}
