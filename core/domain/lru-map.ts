/**
 * A map of at most `max` entries. Setting an entry makes it the youngest; an entry above the maximum removes the oldest one.
 * Reading an entry does not change its age: the callers set an entry again when they use it, and a read that finds nothing new
 * must not keep it alive.
 */
export class LruMap<Key, Value> {
  /** Entries that the map holds at most. */
  readonly max: number
  readonly #entries = new Map<Key, Value>()

  /** @throws RangeError unless the map may hold at least one entry */
  constructor(max: number) {
    if (!(max >= 1)) throw new RangeError(`An LRU map of ${max} entries has no room for one`)
    this.max = max
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    // A Map keeps its entries in the order of their insertion, and an overwritten entry keeps its old position in this order. So
    // the entry is removed first.
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.max) this.#removeOldest()
  }

  #removeOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key)
      return
    }
  }
}
