import { ApiProblem, createApiClient } from "./admin-client.ts"
import { tokenAudience, tokenIssuer } from "./environment.ts"
import { openIssuer } from "./identity/issuer.ts"

/** Ten SKUs to try: the first has many units, the last has few, and three have a waitlist. */
const demoSkus = [
  { sku_id: "sku-001", name: "Console, limited edition", price_minor: 49_900, total_stock: 10_000 },
  { sku_id: "sku-002", name: "Sneakers, first run", price_minor: 18_000, total_stock: 1_000, waitlist_limit: 200 },
  { sku_id: "sku-003", name: "Concert ticket, standing", price_minor: 8_500, total_stock: 5_000, per_user_limit: 4 },
  { sku_id: "sku-004", name: "Concert ticket, seated", price_minor: 12_500, total_stock: 2_000, per_user_limit: 4 },
  { sku_id: "sku-005", name: "Graphics card", price_minor: 79_900, total_stock: 500 },
  { sku_id: "sku-006", name: "Signed book", price_minor: 3_900, total_stock: 250, per_user_limit: 2 },
  { sku_id: "sku-007", name: "Vinyl, coloured", price_minor: 4_500, total_stock: 300, waitlist_limit: 50 },
  { sku_id: "sku-008", name: "Espresso machine", price_minor: 64_900, total_stock: 100 },
  { sku_id: "sku-009", name: "Watch, numbered", price_minor: 129_000, total_stock: 50 },
  { sku_id: "sku-010", name: "Poster, last ten", price_minor: 2_500, total_stock: 10, waitlist_limit: 5 },
]

/**
 * Creates and opens the demo SKUs through the admin API of the system that `environment` names; it leaves
 * existing SKUs as they are.
 */
export async function seed(environment: Readonly<Record<string, string>>, say: (line: string) => void): Promise<void> {
  const { BASE_URL = "", LOCAL_STATE_DIR = "" } = environment
  const issuer = await openIssuer({ stateDir: LOCAL_STATE_DIR, issuer: tokenIssuer, audience: tokenAudience })
  const api = createApiClient(BASE_URL, () => issuer.sign({ sub: "demo-seed", scope: "sales:admin" }))
  let opened = 0
  for (const sku of demoSkus) {
    try {
      const { status } = await api.create({ currency: "EUR", ...sku })
      if (status !== "draft") continue
      await api.steer(sku.sku_id, "open")
      opened += 1
    } catch (error) {
      // An operator created another sale with this id: it stays theirs.
      if (!(error instanceof ApiProblem) || !error.message.startsWith("409")) throw error
      say(`${sku.sku_id} exists with other values; it stays as it is`)
    }
  }
  say(opened > 0 ? `opened ${opened} demo SKUs` : "the demo SKUs exist from an earlier run")
}
