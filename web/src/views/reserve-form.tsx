import { useId, useState } from "preact/hooks"
import type { Sku } from "../../../core/contracts/http/skus.ts"
import type { Purchase } from "../machine/purchase-state.ts"
import type { Phase } from "../machine/sale.ts"
import type { Messages } from "../text/en.ts"
import { useShown } from "./page-context.ts"

interface ReserveFormProps {
  readonly sku: Sku
  readonly phase: Phase
  readonly purchase: Purchase
}

/** A list of quantities is easy to choose from up to here; beyond it, the shopper types the number. */
const longestChoice = 20

/** Asks for units. The button is there before the opening, and works from then on. */
export function ReserveForm({ sku, phase, purchase }: ReserveFormProps) {
  const { m, page, state, openSignIn } = useShown()
  const [quantity, setQuantity] = useState(1)
  const [joinsWaitlist, setJoinsWaitlist] = useState(false)
  const id = useId()
  const { session } = state
  if (phase.kind === "closed") return null
  if (session.kind !== "signed-in") {
    return (
      <p class="sign-in-first">
        {m.reserve.signInFirst}{" "}
        <button type="button" onClick={openSignIn} disabled={session.kind === "checking"}>
          {m.reserve.signIn}
        </button>
      </p>
    )
  }
  const isSoldOut = phase.kind === "sold-out"
  const isOpen = phase.kind === "open" || isSoldOut || phase.kind === "other"
  const submit = (event: Event) => {
    event.preventDefault()
    if (isOpen) page.reserve(sku.sku_id, quantity, isSoldOut || joinsWaitlist)
  }
  const label = isSoldOut ? m.reserve.waitlistButton : isOpen ? labelOf(purchase, m) : m.reserve.notYet
  return (
    <form class="reserve" onSubmit={submit} aria-label={m.reserve.title}>
      {sku.per_user_limit > 1 && (
        <p>
          <label for={`${id}-quantity`}>{m.reserve.quantity}</label>
          <Quantity id={`${id}-quantity`} limit={sku.per_user_limit} value={quantity} onChange={setQuantity} />
        </p>
      )}
      {!isSoldOut && (
        <p>
          <label class="check">
            <input
              type="checkbox"
              checked={joinsWaitlist}
              onChange={({ currentTarget }) => setJoinsWaitlist(currentTarget.checked)}
            />
            <span>{m.reserve.joinWaitlist}</span>
          </label>
        </p>
      )}
      <button type="submit" class="main" aria-disabled={!isOpen}>
        {label}
      </button>
    </form>
  )
}

function labelOf(purchase: Purchase, m: Messages): string {
  if (purchase.kind === "following" && purchase.known.status === "CONFIRMED") return m.paid.another
  return purchase.kind === "nothing" ? m.reserve.button : m.reserve.again
}

interface QuantityProps {
  readonly id: string
  readonly limit: number
  readonly value: number
  readonly onChange: (value: number) => void
}

function Quantity({ id, limit, value, onChange }: QuantityProps) {
  const { f } = useShown()
  if (limit > longestChoice) {
    const change = (text: string) => onChange(Math.min(limit, Math.max(1, Math.floor(Number(text)) || 1)))
    return (
      <input
        id={id}
        type="number"
        min={1}
        max={limit}
        value={value}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    )
  }
  return (
    <select id={id} value={value} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
      {Array.from({ length: limit }, (_, index) => index + 1).map((count) => (
        <option key={count} value={count}>
          {f.count(count)}
        </option>
      ))}
    </select>
  )
}
