import { setTimeout } from "node:timers/promises"
import {
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ModifyReplicationGroupCommand,
} from "@aws-sdk/client-elasticache"
import { secretTtlMs } from "../../core/adapters/secrets-manager.ts"
import { newPassword } from "./password.ts"
import type { Rotation } from "./workflow.ts"

const pollIntervalMs = 10_000
/** Kept back to report a timeout before Lambda ends the invocation. */
const reserveMs = 2 * pollIntervalMs
/** By then every function has read the secret again, including a function whose last read failed. */
const functionsKnowMs = 2 * secretTtlMs

interface Group {
  readonly available: boolean
  /** ROTATING or SETTING while the group changes its token. */
  readonly changing: string | undefined
  readonly tokenChangedAtMs: number
}

/**
 * ElastiCache's auth token. ROTATE adds the new token beside the old one, SET removes the old one. Each continues for minutes
 * after its answer, and the group accepts no other change until it is available again. This waits for both, within the
 * invocation's time.
 *
 * @param timeLeftMs of the invocation
 * @param wait waits so many milliseconds; tests replace it
 */
export function cacheTokenRotation(
  client: Pick<ElastiCacheClient, "send">,
  ReplicationGroupId: string,
  timeLeftMs: () => number,
  wait: (ms: number) => Promise<unknown> = setTimeout,
): Rotation {
  async function look(): Promise<Group> {
    const { ReplicationGroups: [group] = [] } = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }))
    return {
      available: group?.Status === "available",
      changing: group?.PendingModifiedValues?.AuthTokenStatus,
      tokenChangedAtMs: group?.AuthTokenLastModifiedDate?.getTime() ?? 0,
    }
  }

  /** @throws Error when the group still changes at the end of the invocation: Secrets Manager tries the step again */
  async function settled(): Promise<Group> {
    while (timeLeftMs() > reserveMs) {
      const group = await look()
      if (group.available && group.changing === undefined) return group
      await wait(pollIntervalMs)
    }
    throw new Error(`${ReplicationGroupId} is still being modified: the step must be tried again`)
  }

  async function modify(AuthToken: string, AuthTokenUpdateStrategy: "ROTATE" | "SET"): Promise<void> {
    const change = { ReplicationGroupId, AuthToken, AuthTokenUpdateStrategy, ApplyImmediately: true }
    await client.send(new ModifyReplicationGroupCommand(change))
    await settled()
  }

  return {
    next: newPassword,
    async accept({ value, createdAtMs }) {
      const { tokenChangedAtMs } = await settled()
      // The group holds two tokens at most. Adding the same token again would remove the token that the functions use.
      if (tokenChangedAtMs < createdAtMs) await modify(value, "ROTATE")
    },
    async test({ createdAtMs }) {
      const { available, changing, tokenChangedAtMs } = await look()
      const isAccepted = available && changing === undefined && tokenChangedAtMs >= createdAtMs
      if (!isAccepted) throw new Error(`${ReplicationGroupId} has not accepted the new token: the step must be tried again`)
    },
    async retireOld(value) {
      const beingSet = (await look()).changing === "SETTING"
      if (!beingSet) await wait(functionsKnowMs)
      await settled()
      if (!beingSet) await modify(value, "SET")
    },
  }
}
