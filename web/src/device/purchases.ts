import type { StoredPurchase, Wish } from "../machine/purchase-state.ts"
import { isLive } from "../machine/stored-purchase.ts"
import type { Keeper } from "./keeper.ts"

/** How long the end of a purchase is shown after reloads. An order stays in "My orders". */
const shownEndMs = 24 * 3_600_000

/** What the device keeps of purchases, by shopper and SKU: keys, receipts, and payments under way. */
export interface Purchases {
  readonly all: (userId: string, nowMs: number) => Readonly<Record<string, StoredPurchase>>
  readonly store: (userId: string, skuId: string, stored: StoredPurchase | undefined) => void
  /** Stores a wish unless one of this SKU is not over; returns the one that counts. No other tab comes in between. */
  readonly claim: (userId: string, wish: Wish) => Promise<StoredPurchase>
  /** Forgets what is over: the next shopper on this device does not see it. What may still hold something is kept. */
  readonly forgetEnded: (userId: string) => void
  /** The SKU and the purchase of a change that another tab made; undefined for other names. */
  readonly changeOf: (userId: string, name: string, text: string | null) => Change | undefined
}

interface Change {
  readonly skuId: string
  readonly stored: StoredPurchase | undefined
}

const prefixOf = (userId: string): string => `purchase:${encodeURIComponent(userId)}:`

export function openPurchases(keeper: Keeper, locks: LockManager | undefined): Purchases {
  const read = (name: string): StoredPurchase | undefined => parsed(keeper.get(name))
  const named = (userId: string) => keeper.names().filter((name) => name.startsWith(prefixOf(userId)))

  function claimNow(userId: string, wish: Wish): StoredPurchase {
    const name = prefixOf(userId) + wish.skuId
    const before = read(name)
    if (before !== undefined && isLive(before)) return before
    keeper.set(name, JSON.stringify({ wish }))
    return { wish }
  }

  return {
    all(userId, nowMs) {
      const found = named(userId).flatMap((name) => {
        const stored = read(name)
        const isShown = stored !== undefined && (isLive(stored) || Math.abs(nowMs - stored.wish.askedAtMs) < shownEndMs)
        if (!isShown) keeper.set(name, undefined)
        return isShown ? [[name.slice(prefixOf(userId).length), stored] as const] : []
      })
      return Object.fromEntries(found)
    },
    store: (userId, skuId, stored) =>
      keeper.set(prefixOf(userId) + skuId, stored === undefined ? undefined : JSON.stringify(stored)),
    claim: async (userId, wish) =>
      locks === undefined
        ? claimNow(userId, wish)
        : await locks.request(`flash-sale:${userId}:${wish.skuId}`, () => claimNow(userId, wish)),
    forgetEnded(userId) {
      for (const name of named(userId)) {
        const stored = read(name)
        if (stored === undefined || !isLive(stored)) keeper.set(name, undefined)
      }
    },
    changeOf(userId, name, text) {
      const prefix = prefixOf(userId)
      return name.startsWith(prefix) ? { skuId: name.slice(prefix.length), stored: parsed(text ?? undefined) } : undefined
    },
  }
}

/** A text that no version of the page wrote is no purchase. Members that an older version does not know are kept. */
function parsed(text: string | undefined): StoredPurchase | undefined {
  if (text === undefined) return undefined
  try {
    const stored = JSON.parse(text) as StoredPurchase
    return typeof stored.wish.key === "string" && typeof stored.wish.skuId === "string" ? stored : undefined
  } catch {
    return undefined
  }
}
