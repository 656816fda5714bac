import type { Pool } from "pg"
import { createConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import { LruMap } from "../../domain/lru-map.ts"
import { integer } from "./parameter-types.ts"
import type { Row } from "./rows.ts"
import { maxSkuAgeMs, type SkuRecord, skuRecord } from "./sku-directory.ts"
import { statement } from "./statement.ts"
import readSkuPageText from "./statements/read-sku-page.sql"

const readSkuPage = statement(readSkuPageText, { after: integer, limit: integer })

/** Pages that a process keeps; the oldest read is dropped first. */
export const maxKnownPages = 32
/** Pages that a process reads at once: clients that read the whole catalogue must not keep shoppers from PostgreSQL. */
export const maxPageReads = 4

/** Some SKUs in the order of their creation, and the number that the next page comes after. */
export interface SkuPage {
  readonly skus: readonly SkuRecord[]
  /** Undefined at the end. */
  readonly next?: number
}

/** The SKUs of the shop, page by page. A page stays the same while SKUs are created: those come after it. */
export interface Catalogue {
  /**
   * The `limit` SKUs after a number, at most a second old unless PostgreSQL is unavailable. One read serves all concurrent calls
   * for a page.
   * @throws Overloaded when too many pages are read; PostgreSQL's errors for a page that is not known
   */
  page(after: number, limit: number): Promise<SkuPage>
}

interface KnownPage {
  readonly page: SkuPage
  readonly readAtMs: number
}

export function createCatalogue(pool: Pool, nowMs: () => number = () => performance.now()): Catalogue {
  const gate = createConcurrencyLimit(maxPageReads)
  const known = new LruMap<string, KnownPage>(maxKnownPages)
  const reading = new Map<string, Promise<SkuPage>>()

  async function readPage(name: string, after: number, limit: number): Promise<SkuPage> {
    const readAtMs = nowMs()
    // One more than is shown tells whether there is a next page.
    const { rows } = await gate(() => pool.query<Row>(readSkuPage({ after, limit: limit + 1 })))
    const skus = rows.slice(0, limit).map(skuRecord)
    const last = rows.length > limit ? skus.at(-1) : undefined
    const page = { skus, ...(last && { next: last.sale.skuNo }) }
    known.set(name, { page, readAtMs })
    return page
  }

  return {
    async page(after, limit) {
      const name = `${after}/${limit}`
      const before = known.get(name)
      if (before && nowMs() - before.readAtMs < maxSkuAgeMs) return before.page
      const read = reading.get(name) ?? readPage(name, after, limit).finally(() => reading.delete(name))
      reading.set(name, read)
      return before ? read.catch(() => before.page) : read
    },
  }
}
