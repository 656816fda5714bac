import { useState } from "preact/hooks"
import { useShown } from "./page-context.ts"

/** The local provider's test methods that a shopper can tell apart. */
const cards = {
  pm_card_visa: "pays",
  pm_card_threeDSecure2Required: "threeD",
  pm_card_chargeDeclined: "declines",
  pm_card_visa_chargeDeclinedInsufficientFunds: "noFunds",
  sim_slow: "slow",
  sim_lost_reply: "lostReply",
  sim_timeout: "timeout",
} as const

type Card = keyof typeof cards

interface SimulatedCardsProps {
  readonly amount: string
  readonly onPay: (method: string) => void
}

/** The cards of the local provider as choices. */
export function SimulatedCards({ amount, onPay }: SimulatedCardsProps) {
  const { m } = useShown()
  const [chosen, setChosen] = useState<Card>("pm_card_visa")
  const submit = (event: Event) => {
    event.preventDefault()
    onPay(chosen)
  }
  return (
    <form onSubmit={submit} aria-label={m.pay.title}>
      <fieldset>
        <legend>{m.pay.simulated.legend}</legend>
        {(Object.keys(cards) as Card[]).map((card) => (
          <label class="check" key={card}>
            <input type="radio" name="card" value={card} checked={chosen === card} onChange={() => setChosen(card)} />
            <span>{m.pay.simulated[cards[card]]}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="main">
        {m.pay.button(amount)}
      </button>
    </form>
  )
}
