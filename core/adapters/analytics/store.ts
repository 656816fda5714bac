import type { PartitionState } from "../../domain/analytics/partition-state.ts"

/** What a group knows of one partition of the events. */
export interface StoredPartition {
  readonly partition: number
  /** A replay begins a new generation; the figures of the earlier ones are kept. */
  readonly generation: number
  /** Grows by one with each write, also when offsets do not: no write can take the place of one that it does not know. */
  readonly revision: number
  readonly state: PartitionState
}

/** Keeps the figures of one group of consumers. Every call throws the errors of its server. */
export interface AnalyticsStore {
  /** The generation that the group counts in; 1 before the first replay. */
  readGeneration(): Promise<number>
  /** Begins the generation after the present one. @returns false when `generation` is not the next one any more */
  beginGeneration(generation: number): Promise<boolean>
  /** What is known of a partition; undefined before its first write. It is never older than the last successful write. */
  read(partition: number): Promise<StoredPartition | undefined>
  /** What is known of every partition, of whatever generation. */
  readAll(): Promise<StoredPartition[]>
  /**
   * Stores a state with its offset, in the place of the revision before it.
   * @returns false when another consumer has stored another revision; then nothing is stored
   */
  write(next: StoredPartition): Promise<boolean>
  /** Keeps a state as the last one of its generation. */
  archive(last: StoredPartition): Promise<void>
  /** The last states of a generation that has ended. */
  readArchive(generation: number): Promise<StoredPartition[]>
}
