import type { KafkaMessage } from "kafkajs"
import { logger } from "../../core/adapters/telemetry.ts"
import { redeliverFrom } from "./checkpoint.ts"
import { deliveries } from "./deliveries.ts"
import { partitionName } from "./msk-event.ts"

/**
 * The pause before a failed delivery is repeated. It doubles up to the longest, without end: an accepted request is never
 * dropped.
 */
const firstBackoffMs = 100
const longestBackoffMs = 5_000

/** Invokes the function with records of one partition. @returns its response @throws what it throws */
export type Deliver = (topic: string, partition: number, messages: readonly KafkaMessage[]) => Promise<unknown>

/** Records of one partition, and how to commit that those below an offset are processed. */
interface Fetched {
  readonly messages: readonly KafkaMessage[]
  /** Commits the offset to the group and goes on from there. @throws kafkajs' errors */
  readonly checkpoint: (nextOffset: number) => Promise<void>
}

/** Delivers the records of one partition to the function: one invocation at a time, in order, each repeated until it succeeds. */
export interface PartitionWorker {
  /** The delivery in progress, if there is one. It never rejects. */
  readonly busy: Promise<unknown> | undefined
  /**
   * Delivers the fetched records.
   *
   * @returns milliseconds to wait before the rest is fetched and delivered again; 0 after success
   */
  deliver(fetched: Fetched, isStopping: () => boolean): Promise<number>
}

export interface PartitionWork {
  readonly topic: string
  readonly partition: number
  /** Records of one delivery. */
  readonly batchSize: number
  readonly deliver: Deliver
}

export function createPartitionWorker({ topic, partition, batchSize, deliver }: PartitionWork): PartitionWorker {
  const name = partitionName(topic, partition)
  let busy: Promise<unknown> | undefined
  let failures = 0

  /** @returns the offset to continue from */
  async function invoke(messages: readonly KafkaMessage[], first: number, last: number): Promise<number> {
    try {
      const from = redeliverFrom(await deliver(topic, partition, messages), name, { first, last })
      if (from !== undefined)
        logger.warn("The function processed a part of the delivery; the rest is delivered again", {
          partition: name,
          first,
          from,
          last,
          failures,
        })
      return from ?? last + 1
    } catch (error) {
      logger.error("The function failed on a delivery; it is delivered again", {
        partition: name,
        first,
        last,
        failures,
        error: error as Error,
      })
      return first
    }
  }

  async function work({ messages, checkpoint }: Fetched, isStopping: () => boolean): Promise<number> {
    for (const delivery of deliveries(messages, batchSize)) {
      if (isStopping()) return 0
      const first = Number(delivery[0]?.offset)
      const last = Number(delivery.at(-1)?.offset)
      const next = await invoke(delivery, first, last)
      if (next > first) {
        failures = 0
        await checkpoint(next)
      }
      if (next <= last) return backoffMs(failures++)
    }
    return 0
  }

  return {
    get busy() {
      return busy
    },
    async deliver(fetched, isStopping) {
      const working = work(fetched, isStopping).catch((error: unknown) => {
        // The records are processed and not committed: they come again and take effect once.
        logger.warn("The offset could not be committed; the records are delivered again", {
          partition: name,
          error: error as Error,
        })
        return backoffMs(failures++)
      })
      busy = working
      const waitMs = await working
      busy = undefined
      return waitMs
    },
  }
}

const backoffMs = (failures: number) => Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures, 16))
