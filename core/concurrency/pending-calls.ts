/** A call that waits for its part of a shared call. */
export interface PendingCall<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Makes one call for many items, and returns the answers in the order of the items. A failure counts for all of them. */
export type SendAll<Item, Answer> = (items: readonly Item[]) => Promise<readonly Answer[]>

/** Sends the items of pending calls together, and settles each call with its own answer. Never throws. */
export async function settleTogether<Item, Answer>(
  calls: readonly PendingCall<Item, Answer>[],
  send: SendAll<Item, Answer>,
): Promise<void> {
  try {
    const answers = await send(calls.map(({ item }) => item))
    for (const [index, { resolve }] of calls.entries()) resolve(answers[index] as Answer)
  } catch (error) {
    for (const { reject } of calls) reject(error)
  }
}
