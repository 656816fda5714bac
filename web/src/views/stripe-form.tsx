import type { Stripe, StripeElements } from "@stripe/stripe-js"
import { loadStripe } from "@stripe/stripe-js/pure"
import { useEffect, useRef, useState } from "preact/hooks"
import { useShown } from "./page-context.ts"
import type { StripeProps } from "./stripe-props.ts"

interface Loaded {
  readonly stripe: Stripe
  readonly elements: StripeElements
}

/**
 * The provider's Payment Element: the card's details go to the provider, and this page only gets the name of a payment method.
 * The checkout of the API makes the payment with it.
 */
export function StripeForm({ publishableKey, amount, amountMinor, currency, onPay }: StripeProps) {
  const { m, state } = useShown()
  const place = useRef<HTMLDivElement>(null)
  const loaded = useRef<Loaded>()
  const [fault, setFault] = useState<string>()
  const [isReady, setReady] = useState(false)
  const [isWorking, setWorking] = useState(false)
  const { language } = state.settings

  useEffect(() => {
    let isGone = false
    async function mount(): Promise<void> {
      const stripe = await loadStripe(publishableKey, { locale: language })
      if (stripe === null || isGone || place.current === null) return
      const elements = stripe.elements({
        mode: "payment",
        amount: amountMinor,
        currency: currency.toLowerCase(),
        paymentMethodCreation: "manual",
        allowedPaymentMethodTypes: ["card"],
      })
      const element = elements.create("payment")
      element.on("ready", () => setReady(true))
      element.on("loaderror", () => setFault(m.pay.stripeFailed))
      element.mount(place.current)
      loaded.current = { stripe, elements }
    }
    mount().catch(() => setFault(m.pay.stripeFailed))
    return () => {
      isGone = true
      loaded.current?.elements.getElement("payment")?.destroy()
    }
  }, [publishableKey, amountMinor, currency, language, m])

  /** @returns the sentence of a fault; undefined once the payment is on its way */
  async function pay({ stripe, elements }: Loaded): Promise<string | undefined> {
    const checked = await elements.submit()
    if (checked.error !== undefined) return checked.error.message ?? m.pay.stripeInvalid
    const { paymentMethod, error } = await stripe.createPaymentMethod({ elements })
    if (paymentMethod === undefined) return error?.message ?? m.pay.stripeInvalid
    onPay(paymentMethod.id)
    return undefined
  }

  const submit = (event: Event) => {
    event.preventDefault()
    if (loaded.current === undefined || isWorking) return
    setWorking(true)
    pay(loaded.current)
      .then(setFault, () => setFault(m.pay.stripeFailed))
      .finally(() => setWorking(false))
  }
  return (
    <form onSubmit={submit} aria-label={m.pay.title}>
      {!isReady && fault === undefined && <p role="status">{m.pay.stripeLoading}</p>}
      {/* The element is the provider's own frame, with its own labels. */}
      <div ref={place} />
      {fault !== undefined && <p role="alert">{fault}</p>}
      <button type="submit" class="main" aria-disabled={!isReady || isWorking}>
        {m.pay.button(amount)}
      </button>
    </form>
  )
}
