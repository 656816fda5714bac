/** A partition as the brokers have it: its first record, the offset after its last one, and where a group has read to. */
export interface PartitionRange {
  readonly partition: number
  readonly begin: number
  readonly end: number
  /** Undefined when the group has not committed an offset. */
  readonly committed: number | undefined
}

/**
 * Where a group is to read from. A time is given as the offset of the first record at that time or later, a watermark as the
 * offset below which every record is decided.
 */
export type ReadFrom =
  | { readonly kind: "earliest" | "latest" }
  | { readonly kind: "offset"; readonly offset: number }
  | { readonly kind: "time" | "watermark"; readonly offsets: ReadonlyMap<number, number> }

/** An offset that a partition does not have: its records are deleted, or not written yet. */
export interface OutOfRange {
  readonly kind: "out-of-range"
  readonly partition: number
  readonly begin: number
  readonly end: number
}

/**
 * The offset from which a group reads a partition. An offset that the partition does not have is not moved into its range: the
 * operator who named it expects records that are not there.
 */
export function offsetIn({ partition, begin, end }: PartitionRange, from: ReadFrom): number | OutOfRange {
  switch (from.kind) {
    case "earliest":
      return begin
    case "latest":
      return end
    case "time":
      return Math.max(begin, from.offsets.get(partition) ?? end)
    case "offset":
      return had(from.offset)
    case "watermark":
      return had(from.offsets.get(partition))
  }

  function had(offset: number | undefined): number | OutOfRange {
    return offset !== undefined && offset >= begin && offset <= end ? offset : { kind: "out-of-range", partition, begin, end }
  }
}

/** The first record that a group has not read: the oldest one, when it has read none or its commit is behind the oldest. */
export const nextIn = ({ begin, committed }: Pick<PartitionRange, "begin" | "committed">): number =>
  Math.max(begin, committed ?? begin)

/** Records of a partition that a group has not read. */
export const lagIn = (range: PartitionRange): number => Math.max(0, range.end - nextIn(range))
