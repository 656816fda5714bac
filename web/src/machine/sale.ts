import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"

/** What a sale is to the shopper at this moment. */
export type Phase =
  | { readonly kind: "unannounced" }
  /** `leftMs` is the time until the button arms, to which the page's own random part belongs. */
  | { readonly kind: "before"; readonly opensAtMs: number; readonly leftMs: number }
  | { readonly kind: "open" }
  | { readonly kind: "sold-out" }
  | { readonly kind: "halted" }
  | { readonly kind: "closed" }
  /** A status of a newer version of the API. */
  | { readonly kind: "other" }

type Times = Pick<Sku, "status" | "opens_at" | "closes_at">

/**
 * The phase of a sale by the server's clock. The answers of the edge are up to some seconds old, so a time that has come counts
 * before an answer shows it.
 *
 * @param serverMs the server's clock, milliseconds since the epoch
 * @param spreadMs how much later than the opening this page arms its button
 */
export function phaseOf(sku: Sku | undefined, stock: Availability | undefined, serverMs: number, spreadMs: number): Phase {
  const times: Times | undefined = stock ?? sku
  if (times === undefined) return { kind: "unannounced" }
  const opensAtMs = momentOf(times.opens_at)
  const closesAtMs = momentOf(times.closes_at)
  if (times.status === "closed" || (closesAtMs !== undefined && serverMs >= closesAtMs)) return { kind: "closed" }
  if (times.status === "halted") return { kind: "halted" }
  if (times.status === "draft") return phaseOfDraft(opensAtMs, momentOf(stock?.as_of ?? null), serverMs, spreadMs)
  if (times.status !== "open") return { kind: "other" }
  // Opened a moment ago by the clock: the button still arms with its random part.
  if (opensAtMs !== undefined && serverMs >= opensAtMs && serverMs < opensAtMs + spreadMs)
    return before(opensAtMs, serverMs, spreadMs)
  return stock !== undefined && stock.available === 0 ? { kind: "sold-out" } : { kind: "open" }
}

function phaseOfDraft(opensAtMs: number | undefined, asOfMs: number | undefined, serverMs: number, spreadMs: number): Phase {
  if (opensAtMs === undefined) return { kind: "unannounced" }
  if (serverMs < opensAtMs + spreadMs) return before(opensAtMs, serverMs, spreadMs)
  // An answer from after the opening that still says "draft" is right, and the page's clock is not.
  return asOfMs !== undefined && asOfMs >= opensAtMs ? { kind: "unannounced" } : { kind: "open" }
}

const before = (opensAtMs: number, serverMs: number, spreadMs: number): Phase => ({
  kind: "before",
  opensAtMs,
  leftMs: opensAtMs + spreadMs - serverMs,
})

const momentOf = (timestamp: string | null): number | undefined => (timestamp === null ? undefined : Date.parse(timestamp))
