import { hash } from "node:crypto"
import { commandIdOf, uuidv5 } from "./ids.ts"

/** One item of a batch: a request of one user. */
export interface BatchItem {
  readonly userId: string
  readonly skuId: string
  readonly quantity: number
}

/** A batch call, so that a repetition is recognised: the same items in any order are the same call. */
export interface BatchCallIdentity {
  /** Of the client and its key: one key stands for one body. */
  readonly callId: string
  /** SHA-256 of the items without their order. */
  readonly bodyHash: Buffer
  /** A reservation's id for each item, in the order of the items. */
  readonly itemIds: readonly string[]
}

/**
 * Names a batch call and each of its reservations.
 *
 * An item's id comes from its user, the client, the key and its request, never from its index: another order of the items gives
 * the same reservations. Equal items of one user are counted, so two equal items are two reservations. Neither a key nor a SKU
 * contains a slash. So two different items never have the same name, and no name equals the key of a single call.
 *
 * @param clientId the user id of the trusted client
 */
export function identifyBatchCall(clientId: string, idempotencyKey: string, items: readonly BatchItem[]): BatchCallIdentity {
  const equalsBefore = new Map<string, number>()
  const itemIds = items.map(({ userId, skuId, quantity }) => {
    const asked = `${userId}/${skuId}/${quantity}`
    const nth = equalsBefore.get(asked) ?? 0
    equalsBefore.set(asked, nth + 1)
    return uuidv5(`${clientId}/${idempotencyKey}/${skuId}/${quantity}/${nth}`, userId)
  })
  return { callId: commandIdOf(clientId, idempotencyKey), bodyHash: hashOf(equalsBefore), itemIds }
}

/** The items as a sorted list: each different request with its number. */
function hashOf(counts: ReadonlyMap<string, number>): Buffer {
  const lines = [...counts].map(([asked, times]) => `${asked}/${times}`).sort()
  return hash("sha256", lines.join("\n"), "buffer")
}
