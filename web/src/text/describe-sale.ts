import type { Phase } from "../machine/sale.ts"
import type { Messages } from "./en.ts"
import type { Format } from "./format.ts"

/** The sentence for the phase of a sale. */
export function describePhase(phase: Phase, m: Messages, f: Format): string {
  switch (phase.kind) {
    case "before":
      return m.sale.before(f, phase.opensAtMs)
    case "sold-out":
      return m.sale.soldOut
    default:
      return m.sale[phase.kind]
  }
}

/** The few words of a sale in the list. */
export function describeListed(phase: Phase, m: Messages, f: Format): string {
  switch (phase.kind) {
    case "before":
      return m.list.opens(f, phase.opensAtMs)
    case "sold-out":
      return m.list.soldOut
    default:
      return m.list[phase.kind]
  }
}
