import { InvalidArgumentError } from "commander"
import type { Brokers } from "../services/state-folder.ts"

/** Parses a whole number between bounds, for commander. */
export const integerBetween =
  (lowest: number, highest: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`)
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
