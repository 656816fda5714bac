import { addOccurrence, type Figures, forgetOldSeconds, noFigures, type SaleOccurrence, secondOf } from "./figures.ts"

/** A place in the ledger of a SKU. */
export interface LedgerPlace {
  readonly seq: number
  readonly ord: number
}

/**
 * What analytics knows of one partition of the events. It is stored together with the offset of the next record, so that a record
 * that is delivered again changes nothing. Its size depends on the number of SKUs, not on the number of events.
 */
export interface PartitionState extends Figures {
  /** The offset of the next record; undefined before the first one. */
  nextOffset: number | undefined
  /** Records that were gone, or passed over by an operator, before this consumer could read them. */
  skippedRecords: number
  /** How often records came at offsets that had been read, with events that had not: the topic was recreated. */
  recreations: number
  /** The newest second in which an event happened; 0 before the first one. */
  newestSecond: number
  /** The last event of each SKU that was counted. */
  readonly applied: Map<string, LedgerPlace>
}

export const emptyState = (): PartitionState => ({
  ...noFigures(),
  nextOffset: undefined,
  skippedRecords: 0,
  recreations: 0,
  newestSecond: 0,
  applied: new Map(),
})

/**
 * Counts an event in the state, which it changes. The relay of the ledger may publish an event again at another offset, and Kafka
 * may deliver a record again. The first copies of a SKU's events come in the order of its ledger, so an event at or before the
 * last counted one of its SKU is a copy.
 *
 * An event that comes late changes the counters, and the second in which it happened if that is still kept.
 *
 * @returns false for a copy, which changes nothing
 */
export function applyEvent(state: PartitionState, occurrence: SaleOccurrence): boolean {
  const { skuId, seq, ord, atMs } = occurrence
  const last = state.applied.get(skuId)
  if (last !== undefined && (seq < last.seq || (seq === last.seq && ord <= last.ord))) return false
  state.applied.set(skuId, { seq, ord })
  const second = secondOf(atMs)
  if (second > state.newestSecond) {
    state.newestSecond = second
    forgetOldSeconds(state, second)
  }
  addOccurrence(state, occurrence, state.newestSecond)
  return true
}

/** Records of one partition in the order of their offsets, without those that cannot be read as events. */
export interface ReadRecords {
  /** The offset of the first record of the delivery. */
  readonly firstOffset: number
  /** The offset after its last record. */
  readonly nextOffset: number
  readonly events: readonly (SaleOccurrence & { readonly offset: number })[]
}

/** What a delivery did to the state of its partition. */
export interface Applied {
  /** Events that were counted; the others were copies. */
  readonly counted: number
  /** Records between the last delivery and this one, which never came. */
  readonly skipped: number
  /** Events that were not known came at offsets that had been read. */
  readonly isRecreated: boolean
  /** False when the state is as it was, so that nothing has to be stored. */
  readonly isChanged: boolean
}

/**
 * Counts the events of a delivery in the state, which it changes. Offsets tell how much is missing; ledger places tell what is
 * new:
 * - A first offset above the next one is a gap: its records were deleted by retention, or an operator passed over them.
 * - An event that is new at an offset below the next one: the topic was recreated, and counts its offsets from 0 again. The state
 *   continues with the new offsets. Nothing is counted twice, because places of the ledger do not change.
 */
export function applyRecords(state: PartitionState, { firstOffset, nextOffset, events }: ReadRecords): Applied {
  const known = state.nextOffset
  let counted = 0
  let isRecreated = false
  for (const event of events) {
    if (!applyEvent(state, event)) continue
    counted += 1
    if (known !== undefined && event.offset < known) isRecreated = true
  }
  const skipped = known === undefined ? 0 : Math.max(0, firstOffset - known)
  state.skippedRecords += skipped
  if (isRecreated) state.recreations += 1
  // Copies below the next offset are records that are delivered again: the next new record still has the next offset.
  if (known === undefined || isRecreated || nextOffset > known) state.nextOffset = nextOffset
  return { counted, skipped, isRecreated, isChanged: counted > 0 || state.nextOffset !== known }
}
