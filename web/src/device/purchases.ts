import type { StoredPurchase, Wish } from "../machine/purchase-state.ts"
import { isLive } from "../machine/stored-purchase.ts"
import type { Keeper } from "./keeper.ts"

/** How long the end of a purchase is shown after reloads. An order stays in "My orders". */
const shownEndMs = 24 * 3_600_000

/** What the device keeps of purchases, by shopper and SKU: keys, receipts, and payments under way. */
export interface Purchases {
  readonly all: (userId: string, nowMs: number) => Readonly<Record<string, StoredPurchase>>
  readonly read: (userId: string, skuId: string) => StoredPurchase | undefined
  readonly store: (userId: string, skuId: string, stored: StoredPurchase | undefined) => void
  /** Stores a wish unless one of this SKU is not over; returns the one that counts. No other tab comes in between. */
  readonly claim: (userId: string, wish: Wish) => Promise<StoredPurchase>
  /**
   * Sends a wish while no other tab sends or claims one of its SKU, unless another tab has got its answer meanwhile.
   * @returns what the other tab got; undefined after `send`
   */
  readonly inTurn: (userId: string, wish: Wish, send: () => Promise<undefined>) => Promise<StoredPurchase | undefined>
  /** Forgets what is over: the next shopper on this device does not see it. What may still hold something is kept. */
  readonly forgetEnded: (userId: string) => void
  /**
   * The SKU of a change that another tab made, and its purchase as it is now; undefined for other names. The text of the change
   * itself may be outdated.
   */
  readonly changeOf: (userId: string, name: string) => Change | undefined
}

interface Change {
  readonly skuId: string
  readonly stored: StoredPurchase | undefined
}

const prefixOf = (userId: string): string => `purchase:${encodeURIComponent(userId)}:`

export function openPurchases(keeper: Keeper, locks: Navigator["locks"] | undefined): Purchases {
  const read = (name: string): StoredPurchase | undefined => parsed(keeper.get(name))
  const named = (userId: string) => keeper.names().filter((name) => name.startsWith(prefixOf(userId)))

  const alone = <Value>(userId: string, skuId: string, act: () => Promise<Value>): Promise<Value> =>
    locks === undefined ? act() : locks.request(`flash-sale:${userId}:${skuId}`, act)

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
    read: (userId, skuId) => read(prefixOf(userId) + skuId),
    store(userId, skuId, stored) {
      const before = read(prefixOf(userId) + skuId)
      // Another tab's wish that may hold something is never overwritten.
      const isAnothers = before !== undefined && before.wish.key !== stored?.wish.key && isLive(before)
      if (!isAnothers) keeper.set(prefixOf(userId) + skuId, stored === undefined ? undefined : JSON.stringify(stored))
    },
    claim: (userId, wish) => alone(userId, wish.skuId, async () => claimNow(userId, wish)),
    inTurn: (userId, { key, skuId }, send) =>
      alone(userId, skuId, async () => {
        const stored = read(prefixOf(userId) + skuId)
        if (stored === undefined) return await send()
        const isOpen = stored.wish.key === key && stored.known === undefined && stored.refused === undefined
        return isOpen ? await send() : stored
      }),
    forgetEnded(userId) {
      for (const name of named(userId)) {
        const stored = read(name)
        if (stored === undefined || !isLive(stored)) keeper.set(name, undefined)
      }
    },
    changeOf(userId, name) {
      const prefix = prefixOf(userId)
      return name.startsWith(prefix) ? { skuId: name.slice(prefix.length), stored: read(name) } : undefined
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
