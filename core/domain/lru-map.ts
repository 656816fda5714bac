/** Enters what was just seen of somebody as the youngest entry, and forgets the oldest of more than `most`. */
export function remember<Key, Value>(entries: Map<Key, Value>, key: Key, value: Value, most: number): void {
  // A Map keeps its order, and an entry that is only overwritten keeps its place: entered again, it is the youngest.
  entries.delete(key)
  entries.set(key, value)
  if (entries.size > most) entries.delete(entries.keys().next().value ?? key)
}
