import type { LedgerKind } from "./ledger.ts"
import type { SkuSale, WriteMode } from "./sale.ts"

/** How requests are decided while a sale runs: by the writer, in the order of the queue, or each in a transaction of its own. */
export type RunningMode = Exclude<WriteMode, "halted">

/** A command of an operator that changes how a sale is written. */
export type ModeCommand =
  | { readonly kind: "halt"; readonly skuNo: number; readonly freeze?: boolean }
  | { readonly kind: "resume"; readonly skuNo: number }
  | { readonly kind: "switch"; readonly skuNo: number; readonly mode: RunningMode }

/** The ledger entry of a change of mode; `evolve` says what it changes. */
export type ModeChange = Extract<LedgerKind, "halted" | "frozen" | "resumed" | "switched_to_batch" | "switched_to_direct">

/**
 * The change that a command makes; undefined when it is in force already, so that an operator may repeat a command. A second halt
 * freezes a halted sale if it asks for that. Only a command that makes the sale run thaws it: a repeated halt must not start the
 * writer.
 */
export function modeChange(command: ModeCommand, sale: SkuSale): ModeChange | undefined {
  switch (command.kind) {
    case "halt":
      if (command.freeze && !sale.frozen) return "frozen"
      return sale.mode === "halted" ? undefined : "halted"
    case "resume":
      return sale.mode === "halted" ? "resumed" : undefined
    case "switch": {
      if (sale.mode === command.mode) return undefined
      const resumes = sale.mode === "halted" && sale.resumeMode === command.mode
      return resumes ? "resumed" : `switched_to_${command.mode}`
    }
  }
}
