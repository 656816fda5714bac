import * as z from "zod"

/** A function whose environments are started before a sale, as the environment of lambdas/warmer names it. */
export const WarmTarget = z.strictObject({
  functionName: z.string(),
  /** The alias, or on managed instances the version, whose environments they are. */
  qualifier: z.string(),
  /** Environments in a sale. */
  environments: z.int().min(1),
  /** Environments that stay ready between sales. */
  idle: z.int().min(0),
  /** On managed instances: the most that Lambda may start. */
  maximum: z.int().optional(),
})
export type WarmTarget = z.output<typeof WarmTarget>

/** A time in which a sale of the calendar needs warm environments, in milliseconds since 1970. */
export const WarmWindow = z.strictObject({ fromMs: z.int(), untilMs: z.int() })
export type WarmWindow = z.output<typeof WarmWindow>

/** What lambdas/warmer works with, in its variable WARMTH. */
export const WarmthConfig = z.strictObject({
  targets: z.array(WarmTarget),
  /** The calendar of the stage's config: it counts also when PostgreSQL does not answer. */
  windows: z.array(WarmWindow),
  minutesBefore: z.number(),
  minutesAfter: z.number(),
})
export type WarmthConfig = z.output<typeof WarmthConfig>

/** The variable with the name of the function that keeps the stage warm, for functions that ask it to look at once. */
export const warmerVariable = "WARMER_FUNCTION"
