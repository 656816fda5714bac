import type { Tier } from "../../core/domain/token-bucket.ts"
import type { Random } from "../rehearsal/random.ts"
import type { Agent, EdgeView } from "./clients.ts"
import { arrivesAtMs, type Timing, thinksMs } from "./timing.ts"

/** An account, as its token describes it. */
export interface Account {
  readonly name: string
  readonly tier: Tier
  readonly ageSeconds: number
}

/** A request for a unit, planned before the sale, so that no request waits for the system. */
export interface Ask {
  readonly atMs: number
  readonly account: Account
  /** The same key again is a retry. */
  readonly key: string
  readonly agent: Agent
  readonly edge: EdgeView
}

/** The input for the plan of a cohort. */
export interface Plot {
  readonly random: Random
  readonly seconds: number
  /** Share of the cohort's full size. */
  readonly scale: number
}

/** A labelled kind of people or scripts. */
export interface Cohort {
  readonly name: string
  readonly hostile: boolean
  /** The scoring was made without this cohort. */
  readonly heldOut: boolean
  readonly plan: (plot: Plot) => Ask[]
}

const dayS = 24 * 3_600
const newShare = { people: 0.1, scripts: 0.7 }

/** At least one, so that a small run has every kind. */
export const sized = (full: number, { scale }: Plot): number => Math.max(1, Math.round(full * scale))

export const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

/** Addresses reserved for benchmarks (RFC 2544), one for each number below 2 ** 17. */
export const addressOf = (number: number): string => `198.${18 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`

export function personsAccount(name: string, random: Random): Account {
  const tier = random() < 0.7 ? 2 : random() < 0.85 ? 3 : 4
  const isNew = tier === 2 && random() < newShare.people
  return { name, tier, ageSeconds: isNew ? Math.floor(random() * dayS) : dayS * (2 + Math.floor(random() * 1_000)) }
}

export const scriptsAccount = (name: string, random: Random): Account => ({
  name,
  tier: 2,
  ageSeconds: random() < newShare.scripts ? Math.floor((random() * dayS) / 2) : 30 * dayS,
})

interface Person {
  readonly name: string
  readonly agent: Agent
  readonly edge: EdgeView
}

/** A person asks once. Some ask again with the same key, or with a new key after a while. */
export function personAsks({ name, agent, edge }: Person, { random, seconds }: Plot): Ask[] {
  const account = personsAccount(name, random)
  const ask = (atMs: number, wish: number): Ask => ({ atMs, account, key: `${name}-wish-${wish}`, agent, edge })
  const first = arrivesAtMs(random, seconds)
  const asks = [ask(first, 1)]
  if (random() < 0.15) asks.push(ask(first + thinksMs(random, 2_500), 1))
  if (random() < 0.12) asks.push(ask(first + thinksMs(random, 6_000), 2))
  return asks
}

interface Stubborn extends Person {
  readonly medianMs: number
  readonly most: number
}
const fewestTries = 4

/** A person who does not accept the answer: they ask repeatedly, each time with a new key. */
export function stubbornAsks({ name, agent, edge, medianMs, most }: Stubborn, { random, seconds }: Plot): Ask[] {
  const account = personsAccount(name, random)
  let atMs = arrivesAtMs(random, seconds)
  return Array.from({ length: fewestTries + Math.floor(random() * (most - fewestTries + 1)) }, (_, wish) => {
    if (wish > 0) atMs += thinksMs(random, medianMs)
    return { atMs, account, key: `${name}-wish-${wish}`, agent, edge }
  })
}

interface Script {
  readonly name: string
  readonly timing: Timing
  /** The names that it uses, in turn. */
  readonly accounts: number
  readonly agent: Agent
  readonly edge: (random: Random, request: number) => EdgeView
}

/** A script asks at its times, each time with a new key, and under one name after the other. */
export function scriptAsks({ name, timing, accounts, agent, edge }: Script, { random, seconds }: Plot): Ask[] {
  const names = Array.from({ length: accounts }, (_, index) => scriptsAccount(`${name}-${index}`, random))
  return timing(random, seconds).map((atMs, request) => ({
    atMs,
    account: names[request % accounts] as Account,
    key: `${name}-${request}`,
    agent,
    edge: edge(random, request),
  }))
}
