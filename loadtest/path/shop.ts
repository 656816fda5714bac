import { writeFileSync } from "node:fs"
import { type ApiClient, createApiClient } from "../../local/admin-client.ts"
import { tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer } from "../../local/identity/issuer.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { shopperName } from "./jobs.ts"

const tokenSeconds = 7 * 24 * 3_600
/** Trusted shoppers, because the rate limit of one user is not measured here. */
const tier = 4
const mintedAtOnce = 64

/** Creates sales, and gives shoppers their tokens before anything is measured. */
export interface Shop {
  /** Creates and opens a sale. @returns its SKU */
  open(stock: number): Promise<string>
  readonly api: ApiClient
  readonly tokensFile: string
  /** The number of shoppers with a token in the file. */
  readonly shoppers: number
}

/** Writes tokens for a number of shoppers to a file. @throws ApiProblem and fetch's errors when the system does not answer */
export async function openShop(folder: StateFolder, port: number, shoppers: number): Promise<Shop> {
  const issuer = await openIssuer({ stateDir: folder.dir, issuer: tokenIssuer, audience: tokenAudience })
  const tokens: string[] = []
  while (tokens.length < shoppers) {
    const group = Array.from({ length: Math.min(mintedAtOnce, shoppers - tokens.length) }, (_, index) =>
      issuer.sign({ sub: shopperName(tokens.length + index), tier, expiresInSeconds: tokenSeconds }),
    )
    tokens.push(...(await Promise.all(group)))
  }
  const tokensFile = folder.path("path-tokens.json")
  writeFileSync(tokensFile, JSON.stringify(tokens), { mode: 0o600 })
  const api = createApiClient(`http://127.0.0.1:${port}`, () => issuer.sign({ sub: "path-bench", scope: "sales:admin" }))
  let sales = 0
  return {
    api,
    tokensFile,
    shoppers,
    async open(stock) {
      sales += 1
      const skuId = `path-${Date.now().toString(36)}-${sales}`
      await api.create({
        ...{ sku_id: skuId, name: "Bench of the path", price_minor: 9_900, currency: "EUR", total_stock: stock },
        ...{ per_user_limit: 1_000, max_unpaid_holds: 1_000, hold_seconds: 3_600 },
      })
      await api.steer(skuId, "open")
      return skuId
    },
  }
}
