import { firstWordOf, writeUuid } from "./ids.ts"
import { initialState, outcomeCodes, outcomeOf, type Reservation } from "./reservation.ts"

/**
 * Decisions of a partition that its writer remembers: more than records may wait undecided in it (`maxBacklog`). A copy is put
 * into the queue only while Redis shows no decision of its first record, so its first record is among these.
 */
export const maxRecentDecisions = 120_000

/**
 * The latest decisions of one writer, as they were decided, without the user and the end of the hold. That is enough to recognise
 * a copy, and not enough to know its present state.
 */
export interface RecentDecisions {
  /** The decisions that are known of these requests, by id. */
  of(requests: readonly { readonly id: string }[]): ReadonlyMap<string, Reservation>
  /** Adds a decision whose id is not known yet. When the memory is full, the oldest one is overwritten. */
  add(reservation: Reservation): void
  /** Removes a decision that was never committed. */
  remove(id: string): void
  /** Rows in use, removed ones included. */
  readonly size: number
}

/** A row is these integers; the first four are the 16 bytes of the id. */
const idColumns = 4
const outcomeColumn = 7
const columns = 11
const columnBytes = 4
/** The outcome of a row that was removed. */
const removed = 0
/** An entry of the index: the number of a row, from 1 on, and above it the upper bits of the id's first word. 0 is no entry. */
const rowBits = 17
const rowMask = 2 ** rowBits - 1
/** At least so many slots of the index for each row keep the searches short. */
const slotsPerRow = 2

const noneDecided: ReadonlyMap<string, Reservation> = new Map()

/**
 * A ring of rows of integers, and an index over them. Objects in an LRU map would cost the writer ten times as much: they survive
 * the first garbage collection, so each decision of a sale would be copied twice for the few that are asked for again.
 *
 * Nearly every request is new, so a search that finds nothing must be cheap: it reads one place of the index and no row (measured
 * 0.1 us, and 0.13 us to add a decision).
 *
 * @param most decisions remembered
 * @throws RangeError for more than the index can number
 */
export function createRecentDecisions(most = maxRecentDecisions): RecentDecisions {
  if (most > rowMask) throw new RangeError(`The index of the recent decisions cannot number ${most} rows`)
  const table = new Int32Array(most * columns)
  const bytes = Buffer.from(table.buffer)
  const slots = 2 ** Math.ceil(Math.log2(most * slotsPerRow))
  const index = new Int32Array(slots)
  /** Entries of overwritten rows stay in the index; after so many the index is made again. */
  const rowsUntilRebuilt = Math.ceil(most / 2)
  let size = 0
  let next = 0
  const asked = new Int32Array(idColumns)
  const askedBytes = Buffer.from(asked.buffer)

  const slotOf = (firstWord = 0): number => firstWord & (slots - 1)

  function enter(firstWord: number, row: number): void {
    let slot = slotOf(firstWord)
    while (index[slot] !== 0) slot = (slot + 1) & (slots - 1)
    index[slot] = (firstWord & ~rowMask) | (row + 1)
  }

  function rebuild(): void {
    index.fill(0)
    for (let row = 0; row < most; row += 1) {
      if (table[row * columns + outcomeColumn] !== removed) enter(bytes.readInt32BE(row * columns * columnBytes), row)
    }
  }

  /** Where the row of an id begins; -1 when there is none. An entry of the index may lead to an overwritten row. */
  function find(id: string, firstWord: number): number {
    for (let slot = slotOf(firstWord); ; slot = (slot + 1) & (slots - 1)) {
      const entry = index[slot] ?? 0
      if (entry === 0) return -1
      if ((entry ^ firstWord) >>> rowBits !== 0) continue
      const at = ((entry & rowMask) - 1) * columns
      if (table[at + outcomeColumn] !== removed && isIdAt(at, id)) return at
    }
  }

  function isIdAt(at: number, id: string): boolean {
    writeUuid(id, askedBytes, 0)
    return asked.every((word, column) => table[at + column] === word)
  }

  function reservationAt(at: number, id: string): Reservation {
    const [skuNo = 0, seq = 0, ord = 0, code = 0, quantity = 0, owner = 0, bodyHash = 0] = table.subarray(
      at + idColumns,
      at + columns,
    )
    const outcome = outcomeOf(code)
    return { id, skuNo, seq, ord, outcome, state: initialState(outcome), quantity, owner, bodyHash }
  }

  return {
    get size() {
      return size
    },
    of(requests) {
      const firstWords = requests.map(({ id }) => firstWordOf(id))
      // The index is larger than the processor's nearest caches. Read one right after the other, its slots come at the same time.
      let touched = 0
      for (const firstWord of firstWords) touched |= index[slotOf(firstWord)] ?? 0
      if (touched === 0) return noneDecided
      let decided: Map<string, Reservation> | undefined
      for (const [number, { id }] of requests.entries()) {
        const at = find(id, firstWords[number] ?? 0)
        if (at < 0) continue
        decided ??= new Map()
        decided.set(id, reservationAt(at, id))
      }
      return decided ?? noneDecided
    },
    add({ id, skuNo, seq, ord, outcome, quantity, owner, bodyHash }) {
      const at = next * columns
      writeUuid(id, bytes, at * columnBytes)
      table[at + 4] = skuNo
      table[at + 5] = seq
      table[at + 6] = ord
      table[at + outcomeColumn] = outcomeCodes[outcome]
      table[at + 8] = quantity
      table[at + 9] = owner
      table[at + 10] = bodyHash
      enter(firstWordOf(id), next)
      const isFull = size === most
      if (!isFull) size += 1
      next = (next + 1) % most
      if (isFull && next % rowsUntilRebuilt === 0) rebuild()
    },
    remove(id) {
      const firstWord = firstWordOf(id)
      for (let at = find(id, firstWord); at >= 0; at = find(id, firstWord)) table[at + outcomeColumn] = removed
    },
  }
}
