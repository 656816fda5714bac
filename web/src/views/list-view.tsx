import type { Sku } from "../../../core/contracts/http/skus.ts"
import { phaseOf } from "../machine/sale.ts"
import { describeListed } from "../text/describe-sale.ts"
import { PageHeading } from "./heading.tsx"
import { Link } from "./link.tsx"
import { useShown } from "./page-context.ts"

/** All sales. */
export function ListView() {
  const { m, state, page } = useShown()
  const { items, isLoaded, failures, next } = state.catalogue
  return (
    <>
      <PageHeading text={m.list.title} />
      {!isLoaded && <p role="status">{failures > 0 ? m.unreachable : m.loading}</p>}
      {isLoaded && items.length === 0 && <p>{m.list.empty}</p>}
      <ul class="sales">
        {items.map((sku) => (
          <SaleEntry key={sku.sku_id} sku={sku} />
        ))}
      </ul>
      {next !== null && (
        <button type="button" onClick={() => page.dispatch({ kind: "more", list: "catalogue" })}>
          {m.list.more}
        </button>
      )}
    </>
  )
}

function SaleEntry({ sku }: { readonly sku: Sku }) {
  const { m, f, state } = useShown()
  const { stock } = state.sales[sku.sku_id] ?? {}
  const phase = phaseOf(sku, stock, state.serverMs, state.spreadMs)
  return (
    <li>
      <h2>
        <Link to={{ view: "sale", skuId: sku.sku_id }}>{sku.name}</Link>
      </h2>
      <p class="price">{f.price(sku.price_minor, sku.currency)}</p>
      <p>{describeListed(phase, m, f)}</p>
      {phase.kind === "open" && stock !== undefined && <p class="stock">{m.sale.stockOf(f, stock.available, stock.total)}</p>}
    </li>
  )
}
