import type { Messages } from "./en.ts"
import type { Format } from "./format.ts"

/** What a sentence is made with. */
export interface Words {
  readonly m: Messages
  readonly f: Format
  /** By the steady clock: for the seconds until the next try. */
  readonly steadyMs: number
}
