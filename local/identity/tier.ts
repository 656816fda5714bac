import { z } from "zod"
import { userGroups } from "../../core/contracts/environment.ts"

/** The tiers of the rate limiter by the name of their group, the least trusted first. */
export const tiersByName: ReadonlyMap<string, number> = new Map(
  Object.entries(userGroups).flatMap(([name, group]) => ("tier" in group ? [[name, group.tier] as const] : [])),
)

const names = [...tiersByName.keys()]
const numbers = [...tiersByName.values()]

/** The accepted notations of a tier, for error messages. */
export const tierChoices = `${numbers.join(", ")} or ${names.join(", ")}`

/** A tier by its number or by its name. It is parsed into the number, as tokens contain it. */
export const Tier = z
  .union([z.number(), z.string()], `must be ${tierChoices}`)
  .transform((given) => (typeof given === "string" ? tiersByName.get(given) : given))
  .refine((tier): tier is number => tier !== undefined && numbers.includes(tier), `must be ${tierChoices}`)
