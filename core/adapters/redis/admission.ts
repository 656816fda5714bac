import type { Redis } from "ioredis"
import { batchPerTick } from "../../concurrency/batch-per-tick.ts"
import type { Admission, AdmissionRequest } from "../../domain/admission.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import { undecidedView } from "../../domain/reservation-view.ts"
import { decodeReply, encodeRequest, keysOf, type ScriptReply, sharedArguments, undecidedViewTtlMs } from "./admission-codec.ts"
import { redisKeys } from "./keys.ts"
import { encodeReservationView } from "./reservation-codec.ts"
import admitScript from "./scripts/admit.lua"
import markQueuedScript from "./scripts/mark-queued.lua"
import primaryScript from "./scripts/primary.lua"

export interface RedisAdmission {
  /** Judges a request in one round trip, which the calls of one tick share. @throws when Redis does not answer */
  admit(request: AdmissionRequest): Promise<Admission>
  /**
   * Records that a request is in the queue. It never replaces a decision or an earlier position.
   * @returns the position that counts: of all copies of a key the first one
   * @throws when Redis does not answer
   */
  markQueued(request: AdmissionRequest, position: LogPosition): Promise<LogPosition>
}

/** The first argument of each script is the number of its keys. */
interface Scripts {
  admit(...args: (string | number)[]): Promise<readonly ScriptReply[]>
  markQueued(...args: (string | number)[]): Promise<readonly string[]>
}

interface Appended {
  readonly request: AdmissionRequest
  readonly position: LogPosition
}

interface AdmissionOptions {
  /** Tests pass another script: a wrong one that they must notice, or one with a planted clock. */
  readonly script?: string | undefined
  /** The first offset of the generation in force. A queued request of an earlier one without a decision is sent again. */
  readonly firstOffset?: number
}

/** Admission by a script in Redis. */
export function createRedisAdmission(redis: Redis, options: AdmissionOptions = {}): RedisAdmission {
  const { script = admitScript, firstOffset = 0 } = options
  redis.defineCommand("admit", { lua: primaryScript + script })
  redis.defineCommand("markQueued", { lua: markQueuedScript })
  const scripts = redis as unknown as Scripts

  const admit = batchPerTick(async (requests: readonly AdmissionRequest[]) => {
    const keys = requests.flatMap(keysOf)
    const replies = await scripts.admit(keys.length, ...keys, ...sharedArguments, firstOffset, ...requests.flatMap(encodeRequest))
    return requests.map(({ id }, index) => decodeReply(id, replies[index] ?? []))
  })

  const markAll = batchPerTick(async (appended: readonly Appended[]): Promise<LogPosition[]> => {
    const standing = new Map<Appended, LogPosition>()
    const partitions = Map.groupBy(appended, ({ position }) => position.partition)
    await Promise.all(
      [...partitions].map(async ([partition, group]) => {
        const offsets = await markPartition(partition, group)
        for (const [index, one] of group.entries())
          standing.set(one, { partition, offset: Number(offsets[index] || one.position.offset) })
      }),
    )
    return appended.map((one) => standing.get(one) ?? one.position)
  })

  const markPartition = (partition: number, appended: readonly Appended[]): Promise<readonly string[]> => {
    const keys = [redisKeys.partition(partition), ...appended.map(({ request }) => redisKeys.reservation(request.id))]
    const end = Math.max(...appended.map(({ position }) => position.offset)) + 1
    const views = appended.flatMap(({ request, position }) => [
      encodeReservationView(undecidedView(request, position)),
      position.offset,
    ])
    return scripts.markQueued(keys.length, ...keys, undecidedViewTtlMs, end, partition, ...views)
  }

  return { admit, markQueued: (request, position) => markAll({ request, position }) }
}
