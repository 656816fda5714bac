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
/** Kept to say why it took too long, before Lambda ends the invocation. */
const reserveMs = 2 * pollIntervalMs
/** Every function has read the secret again by then, one that had just failed to included. */
const functionsKnowMs = 2 * secretTtlMs

interface Group {
  readonly available: boolean
  /** ROTATING or SETTING while a token is taken on. */
  readonly changing: string | undefined
  readonly tokenChangedAtMs: number
}

/**
 * ElastiCache's auth token. ROTATE takes the new one beside the old, SET refuses the old; each runs for minutes behind the answer, and the
 * group takes no other change until it is available again. Both are waited for here, as long as the invocation lasts.
 *
 * @param timeLeftMs of the invocation
 * @param wait is `setTimeout` but in tests
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

  /** @throws Error when the group is still changing as the invocation's time ends: Secrets Manager tries the step again */
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
      // The group has two tokens at most. The same one a second time would push out the one that the functions use.
      if (tokenChangedAtMs < createdAtMs) await modify(value, "ROTATE")
    },
    async test({ createdAtMs }) {
      const { available, changing, tokenChangedAtMs } = await look()
      const taken = available && changing === undefined && tokenChangedAtMs >= createdAtMs
      if (!taken) throw new Error(`${ReplicationGroupId} has not taken the new token`)
    },
    async retireOld(value) {
      const beingSet = (await look()).changing === "SETTING"
      if (!beingSet) await wait(functionsKnowMs)
      await settled()
      if (!beingSet) await modify(value, "SET")
    },
  }
}
