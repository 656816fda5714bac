import { InvalidArgumentError } from "commander"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import type { Brokers } from "../services/state-folder.ts"
import type { ConsumerCounts } from "./system.ts"

/** Parses a whole number between bounds, for commander. */
export const integerBetween =
  (lowest: number, highest: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`)
  }

/** A consumer group shares its ten partitions between its processes; further ones would have none. */
const maxConsumers = 10

/** Parses `analytics=3`, or several of them with commas between, and adds them to the counts before. */
export function consumers(text: string, before: ConsumerCounts = {}): ConsumerCounts {
  const counts = text.split(",").map((part): [string, number] => {
    const [, group = "", digits = ""] = /^([a-z-]+)=(\d+)$/.exec(part) ?? []
    if (!(groupNames() as readonly string[]).includes(group)) {
      throw new InvalidArgumentError(
        `"${part}" names no consumer group. Write group=number; the groups are ${groupNames().join(", ")}.`,
      )
    }
    return [group, integerBetween(1, maxConsumers)(digits)]
  })
  return { ...before, ...Object.fromEntries(counts) }
}

const secondsPer = { s: 1, m: 60 }

/** Parses `90s`, `2m` or `90` into seconds, from 1 s to 1 h. */
export function seconds(text: string): number {
  const [, amount, unit = "s"] = /^(\d+)([sm])?$/.exec(text) ?? []
  const value = Number(amount) * secondsPer[unit as keyof typeof secondsPer]
  if (value >= 1 && value <= 3_600) return value
  throw new InvalidArgumentError("It must be a duration from 1s to 60m, such as 10s.")
}

export function brokers(text: string): Brokers {
  if (text === "1") return 1
  if (text === "3") return 3
  throw new InvalidArgumentError("It must be 1 or 3.")
}
