import { createSingleFlight } from "../../concurrency/single-flight.ts"
import { LruMap } from "../../domain/lru-map.ts"
import type { Addressee, AddressOf } from "./shoppers.ts"

/** Addresses that a process keeps: a sale writes two or three notices to a shopper within minutes. */
const maxAddresses = 10_000
/** A shopper who changes their address gets the next notice there after this time. */
const keptMs = 5 * 60_000

/** Keeps addresses for a short time, also that there is none. Concurrent calls for one user share one read. */
export function cachedAddresses(addressOf: AddressOf, nowMs: () => number = Date.now): AddressOf {
  const known = new LruMap<string, { readonly addressee: Addressee | undefined; readonly readAtMs: number }>(maxAddresses)
  const reads = createSingleFlight<Addressee | undefined>()
  return async (userId) => {
    const kept = known.get(userId)
    if (kept !== undefined && nowMs() - kept.readAtMs < keptMs) return kept.addressee
    return reads.run(userId, async () => {
      const addressee = await addressOf(userId)
      known.set(userId, { addressee, readAtMs: nowMs() })
      return addressee
    })
  }
}
