import type { SkuSale, WriteMode } from "./sale.ts"
import type { SaleChange } from "./sku-allocation.ts"

/** How requests are decided while a sale runs: by the writer, in the order of the line, or each in a transaction of its own. */
export type RunningMode = Exclude<WriteMode, "halted">

/** What an operator asks of the way in which a sale is written. */
export type ModeCommand =
  | { readonly kind: "halt"; readonly skuNo: number; readonly freeze?: boolean }
  | { readonly kind: "resume"; readonly skuNo: number }
  | { readonly kind: "switch"; readonly skuNo: number; readonly mode: RunningMode }

/** A change of mode, and the ledger entry that tells of it. */
export interface ModeChange {
  readonly kind: "halted" | "frozen" | "resumed" | "switched_to_batch" | "switched_to_direct"
  readonly change: SaleChange
}

/**
 * What a command changes; undefined when it is in force already, so that an operator may always press the button again. A halted sale is
 * frozen by a second halt that asks for it, and thawed only by what makes it run: a halt pressed once more in a hurry must not start the writer.
 */
export function modeChange(command: ModeCommand, sale: SkuSale): ModeChange | undefined {
  switch (command.kind) {
    case "halt":
      if (command.freeze && !sale.frozen) return { kind: "frozen", change: { mode: "halted", frozen: true } }
      return sale.mode === "halted" ? undefined : { kind: "halted", change: { mode: "halted" } }
    case "resume":
      return sale.mode === "halted" ? { kind: "resumed", change: running(sale.resumeMode) } : undefined
    case "switch": {
      if (sale.mode === command.mode) return undefined
      const resumes = sale.mode === "halted" && sale.resumeMode === command.mode
      return { kind: resumes ? "resumed" : `switched_to_${command.mode}`, change: running(command.mode) }
    }
  }
}

const running = (mode: RunningMode): SaleChange => ({ mode, frozen: false })
