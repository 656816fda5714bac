import type { ShownOrder } from "../machine/page-state.ts"
import type { Messages } from "../text/en.ts"
import { PageHeading } from "./heading.tsx"
import { useShown } from "./page-context.ts"

/** The shopper's orders, the newest first. */
export function OrdersView() {
  const { m, state, page, openSignIn } = useShown()
  const { items, isLoaded, failures, next } = state.orders
  const isSignedIn = state.session.kind === "signed-in"
  return (
    <>
      <PageHeading text={m.orders.title} />
      {!isSignedIn && (
        <p>
          {m.orders.signIn}{" "}
          <button type="button" onClick={openSignIn}>
            {m.reserve.signIn}
          </button>
        </p>
      )}
      {isSignedIn && !isLoaded && <p role="status">{failures > 0 ? m.orders.trouble : m.loading}</p>}
      {isSignedIn && isLoaded && items.length === 0 && <p>{m.orders.empty}</p>}
      <ul class="orders">
        {items.map((order) => (
          <OrderEntry key={order.order_id} order={order} />
        ))}
      </ul>
      {next !== null && (
        <button type="button" onClick={() => page.dispatch({ kind: "more", list: "orders" })}>
          {m.orders.more}
        </button>
      )}
    </>
  )
}

function OrderEntry({ order }: { readonly order: ShownOrder }) {
  const { m, f, state } = useShown()
  const { amount_minor: amountMinor, currency, refunded_minor: refundedMinor = 0 } = order
  const name = state.sales[order.sku_id]?.sku?.name ?? order.sku_id
  const isWhole = order.status === "REFUNDED"
  const refund = isWhole
    ? m.orders.refundedWhole(f.price(refundedMinor === 0 ? amountMinor : refundedMinor, currency))
    : refundedMinor > 0
      ? m.orders.refundedPart(f.price(refundedMinor, currency))
      : undefined
  const facts: readonly (readonly [string, string])[] = [
    [m.orders.number, order.order_id],
    [m.orders.amount, f.price(amountMinor, currency)],
    [m.orders.quantity, f.count(order.quantity)],
    [m.orders.date, f.dateTime(Date.parse(order.created_at))],
    [m.orders.state, statusSentence(order.status, m)],
  ]
  return (
    <li>
      <h2>{name}</h2>
      <dl class="facts">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {refund !== undefined && <p class="refund">{refund}</p>}
    </li>
  )
}

function statusSentence(status: string, m: Messages): string {
  switch (status) {
    case "PAID":
      return m.orders.paid
    case "PENDING_CAPTURE":
      return m.orders.pending
    case "FAILED":
      return m.orders.failed
    case "REFUNDED":
      return m.orders.refunded
    default:
      return m.orders.other(status)
  }
}
