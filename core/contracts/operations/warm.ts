import * as z from "zod"
import { change } from "./command.ts"

/** The longest time for which an operator keeps environments warm without a sale. */
export const mostWarmMinutes = 480

/** Warm environments without a sale. Those of a sale need no command. */
export const warmCommands = {
  /** 0 ends what an earlier command asked for. */
  warm: change({ minutes: z.int().min(0).max(mostWarmMinutes) }, z.strictObject({ until: z.iso.datetime() })),
}
