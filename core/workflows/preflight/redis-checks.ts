import type { Redis } from "ioredis"
import { createLookAtMarks } from "../../adapters/redis/completeness.ts"
import { redisKeys } from "../../adapters/redis/keys.ts"
import { readServerState, readUsedLimits, redisTimeMs } from "../../adapters/redis/server-state.ts"
import { bestDifference, judgeClock } from "../../domain/preflight/clocks.ts"
import { type Finding, isOk, judged } from "../../domain/preflight/line.ts"
import { readClockTimes } from "./read-clock.ts"
import type { PreflightCheck } from "./run-checks.ts"

/** RedisMemoryHigh fires above this share. */
const mostMemoryShare = 0.75
/** A replica that lacks more would lose much in a failover. */
const mostReplicaLagBytes = 1_000_000

/**
 * What Redis says of itself.
 * @param open connects at the first use @param opensAtMs when the next sale opens, if that is known
 */
export const redisChecks = (open: () => Promise<Redis>, opensAtMs: number | undefined): PreflightCheck[] => [
  {
    part: "Redis",
    items: ["server", "memory"],
    lookWith: "ops redis",
    async run() {
      const { role, usedBytes, limitBytes, policy, replicaLagBytes } = await readServerState(await open())
      const late = replicaLagBytes.filter((bytes) => bytes > mostReplicaLagBytes)
      const serverFaults = [
        ...(role === "master" ? [] : [`it is a ${role}: no write succeeds`]),
        ...late.map((bytes) => `a replica lacks ${bytes} bytes`),
      ]
      const share = limitBytes === 0 ? 0 : usedBytes / limitBytes
      const memoryFaults = [
        ...(share > mostMemoryShare ? [`${Math.round(share * 100)} % of the memory is used`] : []),
        ...(policy === "noeviction" ? [] : [`the policy is ${policy}: keys may be evicted`]),
      ]
      return [
        judged(serverFaults, `primary, ${replicaLagBytes.length} replicas`, "ops logs expiry-sweeper --errors"),
        judged(memoryFaults, `${Math.round(usedBytes / 1_000_000)} MB used`, "ops redis"),
      ]
    },
  },
  {
    part: "Redis",
    items: ["queue is loaded"],
    lookWith: "ops lag",
    async run() {
      const [mark] = await createLookAtMarks(await open())([redisKeys.queue])
      const faults = mark?.isComplete ? [] : ["Redis does not know every request in the queue; the sweeper loads it"]
      return [judged(faults, "every request in the queue is known", "ops logs expiry-sweeper --errors")]
    },
  },
  {
    part: "Redis",
    items: ["rate limits are full"],
    lookWith: "ops limits",
    run: async () => [judgeLimits(await readUsedLimits(await open()), opensAtMs)],
  },
  {
    part: "clocks",
    items: ["Redis"],
    lookWith: "ops redis",
    async run() {
      const redis = await open()
      const times = await readClockTimes(() => redisTimeMs(redis))
      return [judgeClock(bestDifference(times), "Redis' clock", "ops logs expiry-sweeper --errors")]
    },
  },
]

/** Every shopper begins the sale with all of their requests: what a rehearsal used has come back by then. */
function judgeLimits(
  { count, longestMs, isAll }: { readonly count: number; readonly longestMs: number; readonly isAll: boolean },
  opensAtMs: number | undefined,
): Finding {
  const seconds = Math.ceil(longestMs / 1_000)
  const used = `${count}${isAll ? "" : " and more"} shoppers have used some of their requests`
  if (opensAtMs !== undefined && isAll && Date.now() + longestMs < opensAtMs)
    return isOk(count === 0 ? "nobody has sent requests lately" : `${used}; all are full before the sale opens`)
  const faults = count === 0 ? [] : [`${used}; wait ${seconds} s and run this again`]
  return judged(faults, "nobody has sent requests lately", "ops redis flush --yes")
}
