import { conditional } from "../baselines/conditional.ts"
import type { Method } from "../baselines/method.ts"
import { optimistic } from "../baselines/optimistic.ts"
import { type Appendfsync, redisContestant } from "../baselines/redis-contestant.ts"
import { rowLock } from "../baselines/row-lock.ts"
import { rowLockCall } from "../baselines/row-lock-call.ts"
import { sqlContestant } from "../baselines/sql-contestant.ts"
import type { Contestant } from "../measure/contestant.ts"
import { type ContestantName, type ProfileName, profileNames } from "../measure/result.ts"
import { writerContestant } from "./contestant.ts"
import { possibleBatches } from "./real-writer.ts"

export interface Choice {
  readonly quick: boolean
  /** All, if there are none. */
  readonly profiles: readonly ProfileName[]
  readonly names: readonly ContestantName[]
}

const connectionCounts = [1, 2, 8, 32]
const methods: readonly (readonly [ContestantName, Method])[] = [
  ["row-lock", rowLock],
  ["row-lock-call", rowLockCall],
  ["optimistic", optimistic],
  ["conditional", conditional],
]
const appendfsyncs: readonly Appendfsync[] = ["everysec", "always"]
/** The batch of the service level. A quick run plays the other profiles with this batch only. */
const quickBatch = Math.min(...possibleBatches)

/**
 * The measured cases, in their order. Cases that need a broker come last, so that no broker runs beside the others. A quick run
 * has every contestant and every profile, but not every combination.
 */
export function contestantsOf({ quick, profiles, names }: Choice): Contestant[] {
  const baselineProfiles: readonly ProfileName[] = quick ? ["all-accepted"] : ["all-accepted", "refused-only"]
  const onBaselines = (make: (profile: ProfileName, connections: number) => Contestant) =>
    baselineProfiles.flatMap((profile) => connectionCounts.map((connections) => make(profile, connections)))
  const redis = (kafka: boolean) =>
    appendfsyncs.flatMap((fsync) => onBaselines((profile, connections) => redisContestant(fsync, kafka, profile, connections)))
  const all = [
    ...profileNames.flatMap((profile) =>
      possibleBatches
        .filter((batch) => !quick || profile === "all-accepted" || batch === quickBatch)
        .map((batch) => writerContestant(profile, batch)),
    ),
    writerContestant("all-accepted", quickBatch, { projected: true }),
    ...methods.flatMap(([name, method]) => onBaselines((profile, count) => sqlContestant(name, method, profile, count))),
    ...redis(false),
    ...redis(true),
  ]
  return all.filter(
    ({ name, profile }) => (names.length === 0 || names.includes(name)) && (profiles.length === 0 || profiles.includes(profile)),
  )
}
