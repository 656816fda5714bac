import { availabilityPaceMs, jitterRatio, listedStocks, nearHeadEntries, paces, statusPaceMs } from "./pace.ts"

/** Open pages by what their shopper waits for. */
export interface OpenPages {
  /** On the list of sales. */
  readonly list: number
  /** On a sale that is not open yet. */
  readonly before: number
  /** On an open sale, without a request. */
  readonly browsing: number
  /** Queued, with the wait that the API estimates. */
  readonly queued: { readonly pages: number; readonly retryAfterSeconds: number }
  readonly waitlisted: { readonly pages: number; readonly retryAfterSeconds: number }
  readonly held: number
  /** The share of all pages that are hidden: another tab, a phone in a pocket. */
  readonly hiddenRatio: number
}

/** Requests a second. */
export interface Load {
  /** Reads that the edge answers from its cache: the origin sees one a second for each edge location. */
  readonly atEdge: number
  /** Reads of reservations, which reach the origin. */
  readonly atOrigin: number
}

/** The mean of a pace with its random part, as requests a second. */
const perSecond = (paceMs: number): number => 1_000 / (paceMs * (1 + jitterRatio / 2))

/** The requests a second of open pages, from the paces by which the page asks. */
export function loadOf(pages: OpenPages): Load {
  const shown = halfLoad(pages, false)
  const hidden = halfLoad(pages, true)
  const mix = (member: keyof Load) => shown[member] * (1 - pages.hiddenRatio) + hidden[member] * pages.hiddenRatio
  return { atEdge: mix("atEdge"), atOrigin: mix("atOrigin") }
}

/** The list reads the catalogue, and the stock of its first sales. */
const listLoad = (isHidden: boolean): number =>
  isHidden
    ? perSecond(paces.hiddenMs * 2) * (1 + listedStocks)
    : perSecond(paces.catalogueMs) + listedStocks * perSecond(paces.listedStockMs)

function halfLoad({ list, before, browsing, queued, waitlisted, held }: OpenPages, isHidden: boolean): Load {
  const stock = (isOfInterest: boolean) => perSecond(availabilityPaceMs(isOfInterest, isHidden))
  const status = (status: string, retryAfterSeconds?: number, position?: number) =>
    perSecond(statusPaceMs({ status, retryAfterSeconds, position, isHidden }) ?? Number.POSITIVE_INFINITY)
  const near = Math.min(waitlisted.pages, nearHeadEntries)
  const calm = before + queued.pages + waitlisted.pages + held
  return {
    atEdge: list * listLoad(isHidden) + browsing * stock(true) + calm * stock(false),
    atOrigin:
      queued.pages * status("QUEUED", queued.retryAfterSeconds) +
      near * status("WAITLISTED", waitlisted.retryAfterSeconds, 0) +
      (waitlisted.pages - near) * status("WAITLISTED", waitlisted.retryAfterSeconds, nearHeadEntries) +
      held * status("RESERVED"),
  }
}
