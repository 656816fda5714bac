import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js"

/**
 * How long a fetch waits on the broker while no record arrives. The broker answers with the first record, so this delays no
 * record; it delays the end of the process.
 */
export const maxWaitMs = 500
/** The same while a partition is paused. */
const pausedMaxWaitMs = 50

const { fetch } = ConsumerGroup.prototype
/** How long the fetches of each group wait by its own configuration. */
const configuredMs = new WeakMap<ConsumerGroup, number>()

/**
 * Lets the fetches of kafkajs 2.2.4 wait only shortly while a partition is paused. A fetch does not ask for a paused partition:
 * when that is resumed, its records wait for the end of the fetch. kafkajs has one wait for all fetches, and with the short one
 * an idle consumer asks the broker 20 times a second. It replaces a method of kafkajs and may be called again.
 */
export function waitShortlyWhilePaused(): void {
  ConsumerGroup.prototype.fetch = fetchByState
}

async function fetchByState(this: ConsumerGroup, nodeId: number): Promise<unknown[]> {
  const isPaused = this.paused().some(({ partitions }) => partitions.length > 0)
  const waitMs = configuredMs.get(this) ?? this.maxWaitTime
  configuredMs.set(this, waitMs)
  this.maxWaitTime = isPaused ? pausedMaxWaitMs : waitMs
  return fetch.call(this, nodeId)
}
