import { hash } from "node:crypto"
import { commandIdOf, uuidv5 } from "./ids.ts"

/** What one item of a batch asks for. */
export interface BatchItem {
  readonly userId: string
  readonly skuId: string
  readonly quantity: number
}

/** A batch call as it is remembered and repeated: the same items in any order are the same call. */
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
 * An item's id comes from its user, the client, the key and what it asks for, never from its place: another order leads to the
 * same reservations. Equal items of one user are counted, so that two of them are two reservations. A key and a SKU hold no
 * slash, so that two different items never have one name, and no name is the key of a single call.
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

/** The items as a sorted list of what was asked how often. */
function hashOf(counts: ReadonlyMap<string, number>): Buffer {
  const lines = [...counts].map(([asked, times]) => `${asked}/${times}`).sort()
  return hash("sha256", lines.join("\n"), "buffer")
}
