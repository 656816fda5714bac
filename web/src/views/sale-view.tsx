import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"
import { mayReserve } from "../machine/purchase.ts"
import { nothing, type Purchase } from "../machine/purchase-state.ts"
import { type Phase, phaseOf } from "../machine/sale.ts"
import { describePhase } from "../text/describe-sale.ts"
import { Countdown } from "./countdown.tsx"
import { PageHeading } from "./heading.tsx"
import { Link } from "./link.tsx"
import { useShown } from "./page-context.ts"
import { PurchaseView } from "./purchase-view.tsx"
import { ReserveForm } from "./reserve-form.tsx"

/** One sale: what it is, when it opens, and what the shopper has of it. */
export function SaleView({ skuId }: { readonly skuId: string }) {
  const { m, state } = useShown()
  const { sku, stock, isMissing, failures } = state.sales[skuId] ?? {}
  const purchase = state.purchases[skuId] ?? nothing
  if (isMissing) {
    return (
      <>
        <PageHeading text={m.sale.missing} />
        <p>
          <Link to={{ view: "list" }}>{m.toAllSales}</Link>
        </p>
      </>
    )
  }
  const phase = phaseOf(sku, stock, state.serverMs, state.spreadMs)
  return (
    <>
      <PageHeading text={sku?.name ?? m.shop} />
      {sku === undefined ? <p role="status">{failures ? m.unreachable : m.loading}</p> : <Facts sku={sku} stock={stock} />}
      {purchase.kind !== "nothing" && <PurchaseView skuId={skuId} purchase={purchase} sku={sku} />}
      {sku !== undefined && mayReserve(purchase) && mayHaveMore(purchase, sku) && (
        <>
          <PhaseView phase={phase} />
          <ReserveForm sku={sku} phase={phase} purchase={purchase} />
        </>
      )}
    </>
  )
}

const finalSlugs: ReadonlySet<string> = new Set(["user-limit-reached", "hold-limit-reached", "sale-closed"])

/** True where another request can lead to something: not after the last unit that the shopper may have. */
function mayHaveMore(purchase: Purchase, { per_user_limit: limit }: Sku): boolean {
  if (purchase.kind === "refused") return !finalSlugs.has(purchase.slug)
  if (purchase.kind !== "following") return true
  const { status, quantity, reason } = purchase.known
  return status === "CONFIRMED" ? quantity < limit : !finalSlugs.has(reason ?? "")
}

function Facts({ sku, stock }: { readonly sku: Sku; readonly stock: Availability | undefined }) {
  const { m, f } = useShown()
  const opensAt = stock?.opens_at ?? sku.opens_at
  const closesAt = stock?.closes_at ?? sku.closes_at
  const facts: readonly (readonly [string, string])[] = [
    [m.sale.price, f.price(sku.price_minor, sku.currency)],
    [m.sale.limit, m.sale.limitOf(f, sku.per_user_limit)],
    [m.sale.holdTime, m.sale.holdTimeOf(f, sku.hold_seconds)],
    ...(opensAt === null ? [] : [[m.sale.opens, f.dateTime(Date.parse(opensAt))] as const]),
    ...(closesAt === null ? [] : [[m.sale.closes, f.dateTime(Date.parse(closesAt))] as const]),
    ...(stock === undefined ? [] : [[m.sale.stock, m.sale.stockOf(f, stock.available, stock.total)] as const]),
  ]
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function PhaseView({ phase }: { readonly phase: Phase }) {
  const { m, f, state } = useShown()
  return (
    <section class="phase">
      <p class="phase-sentence">{describePhase(phase, m, f)}</p>
      {phase.kind === "before" && (
        <>
          {state.clock.bounds === undefined ? (
            <p>{m.sale.clockUnsure}</p>
          ) : (
            <Countdown label={m.sale.countdown} leftMs={Math.max(0, phase.opensAtMs - state.serverMs)} spoken={m.sale.opensIn} />
          )}
          <p>{m.sale.beforeHint}</p>
        </>
      )}
    </section>
  )
}
