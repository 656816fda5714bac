import { randomUUID } from "node:crypto"
import type { Scope } from "../../adapters/postgres/sale-load.ts"
import { createCompleteness } from "../../adapters/redis/completeness.ts"
import { bodyHashOf } from "../../domain/ids.ts"
import { projectCommit } from "../../workflows/allocation/project-commit.ts"
import { openTransitionParts, type TransitionParts } from "../transition-runtime.ts"
import type { WarmUpSale } from "./sales.ts"
import { newUser, type WarmUpUser } from "./shoppers.ts"
import type { WarmUpWorld } from "./world.ts"

export interface WarmUpHold<User extends WarmUpUser = WarmUpUser> {
  readonly id: string
  readonly shopper: User
}

/** Makes holds in a sale: decided, committed and projected as those of real shoppers. A world has one maker. */
export type MakeHolds = <User extends WarmUpUser>(sale: WarmUpSale, users: readonly User[]) => Promise<MadeHolds<User>>

export interface MadeHolds<User extends WarmUpUser> {
  readonly holds: readonly WarmUpHold<User>[]
  /** The ledger sequence of the sale after them. */
  readonly seq: number
}

export async function openMakeHolds({ resources, sales }: WarmUpWorld): Promise<MakeHolds> {
  const parts = await openTransitionParts(resources, { poolSize: 1 })
  let offset = 0
  return (sale, users) => {
    const watermark = { topic: sales.topic, partition: 0, expected: offset }
    offset += users.length
    return makeHolds(parts, sale, users, watermark)
  }
}

async function makeHolds<User extends WarmUpUser>(
  parts: TransitionParts,
  { skuId, skuNo }: WarmUpSale,
  users: readonly User[],
  watermark: NonNullable<Scope["watermark"]>,
): Promise<MadeHolds<User>> {
  const holds = users.map((shopper) => ({ id: randomUUID(), shopper }))
  const requests = holds.map(({ id, shopper: { userId } }, index) => ({
    offset: watermark.expected + index,
    id,
    userId,
    skuNo,
    quantity: 1,
    joinWaitlist: false,
    bodyHash: bodyHashOf(skuId, 1, false),
  }))
  const scope = {
    skuNos: [skuNo],
    ids: holds.map(({ id }) => id),
    holders: users.map(({ userId }) => ({ skuNo, userId })),
    watermark,
  }
  const nextOffset = watermark.expected + users.length
  const committed = await parts.transact(scope, () => ({ command: { kind: "allocate", requests }, nextOffset }))
  await projectCommit(parts, committed)
  return { holds, seq: committed.allocation.changes[0]?.seq ?? 0 }
}

/** A sale whose only unit is held, and of which Redis knows everything: it refuses at admission. */
export async function openSoldOutSale(world: WarmUpWorld, hold: MakeHolds): Promise<WarmUpSale> {
  const { redis, sales } = world
  const completeness = createCompleteness(redis)
  const sale = await sales.open(1)
  const token = await completeness.begin(sale.skuNo)
  const { seq } = await hold(sale, [newUser()])
  await completeness.finish(sale.skuNo, token, seq)
  return sale
}
