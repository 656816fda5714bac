import { writeUuid } from "./ids.ts"
import { initialState, outcomeCodes, outcomeOf, type Reservation } from "./reservation.ts"

/**
 * Decisions of a partition that its writer remembers. A copy comes within seconds of its first record; a later one is read from
 * the database.
 */
export const maxRecentDecisions = 20_000

/**
 * The latest decisions of one writer, as they were decided, without the user and the end of the hold. That is enough to recognise
 * a copy, and not enough to know its present state.
 */
export interface RecentDecisions {
  get(id: string): Reservation | undefined
  add(reservation: Reservation): void
  /** Removes a decision that was never committed. */
  remove(id: string): void
  /** Rows in use, removed ones included. */
  readonly size: number
}

/**
 * A row is these integers; the first four are the 16 bytes of the id, all 0 in a row that was removed: no request has that id
 * (RFC 9562).
 */
const idColumns = 4
const columns = 11
const columnBytes = 4
/** Two slots of the index for each row keep its chains short. */
const slotsPerRow = 2

/**
 * Rows of integers and an index over them, in two generations; the older one is dropped as a whole. Objects in an LRU map would
 * cost the writer ten times as much: they survive the first garbage collection, so each decision of a sale would be copied twice
 * for the few that are asked for again.
 *
 * @param most decisions remembered at most; at least half as many are
 */
export function createRecentDecisions(most = maxRecentDecisions): RecentDecisions {
  const rows = Math.max(1, Math.floor(most / 2))
  let young = generation(rows)
  let old = generation(rows)
  const asked = new Int32Array(idColumns)
  const askedBytes = Buffer.from(asked.buffer)

  return {
    get(id) {
      writeUuid(id, askedBytes, 0)
      return young.get(asked, id) ?? old.get(asked, id)
    },
    add(reservation) {
      if (young.size === rows) {
        const dropped = old
        old = young
        young = dropped
        young.clear()
      }
      young.add(reservation)
    },
    remove(id) {
      writeUuid(id, askedBytes, 0)
      young.remove(asked)
      old.remove(asked)
    },
    get size() {
      return young.size + old.size
    },
  }
}

function generation(rows: number) {
  const table = new Int32Array(rows * columns)
  const bytes = Buffer.from(table.buffer)
  const slots = 2 ** Math.ceil(Math.log2(rows * slotsPerRow))
  const mask = slots - 1
  /** The number of a row, from 1 on; 0: none. Ids are hashes, so any of their bits spread them over the slots. */
  const index = new Int32Array(slots)
  let size = 0

  /** The index at which the row of an id begins; -1 when there is none. */
  function find(asked: Int32Array): number {
    const first = asked[0] ?? 0
    const second = asked[1] ?? 0
    const third = asked[2] ?? 0
    const fourth = asked[3] ?? 0
    if ((first | second | third | fourth) === 0) return -1
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      const row = index[slot] ?? 0
      if (row === 0) return -1
      const at = (row - 1) * columns
      if (table[at] === first && table[at + 1] === second && table[at + 2] === third && table[at + 3] === fourth) return at
    }
  }

  return {
    get size() {
      return size
    },
    get(asked: Int32Array, id: string): Reservation | undefined {
      const at = find(asked)
      if (at < 0) return undefined
      const [skuNo = 0, seq = 0, ord = 0, code = 0, quantity = 0, owner = 0, bodyHash = 0] = table.subarray(
        at + idColumns,
        at + columns,
      )
      const outcome = outcomeOf(code)
      return { id, skuNo, seq, ord, outcome, state: initialState(outcome), quantity, owner, bodyHash }
    },
    add({ id, skuNo, seq, ord, outcome, quantity, owner, bodyHash }: Reservation): void {
      const at = size * columns
      writeUuid(id, bytes, at * columnBytes)
      table[at + 4] = skuNo
      table[at + 5] = seq
      table[at + 6] = ord
      table[at + 7] = outcomeCodes[outcome]
      table[at + 8] = quantity
      table[at + 9] = owner
      table[at + 10] = bodyHash
      size += 1
      let slot = (table[at] ?? 0) & mask
      while (index[slot] !== 0) slot = (slot + 1) & mask
      index[slot] = size
    },
    remove(asked: Int32Array): void {
      for (let at = find(asked); at >= 0; at = find(asked)) table.fill(0, at, at + idColumns)
    },
    clear(): void {
      index.fill(0)
      size = 0
    },
  }
}
