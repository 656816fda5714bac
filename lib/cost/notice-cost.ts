import { noticesPerUnit, sendsMail } from "../capacity/mail.ts"
import type { StageConfig } from "../config.ts"
import type { CostLine } from "./cost-line.ts"
import { prices } from "./prices.ts"
import type { Profile } from "./profile.ts"
import { factorOf } from "./request-cost.ts"

/** A notice is recorded and settled; each write goes to the table and to two indexes, of which one moves the item. */
const writesPerNotice = 7

/** Mails to the shoppers of a sale, and what is kept of them. */
export function noticeLines(config: StageConfig, { checkouts }: Profile): readonly CostLine[] {
  const notices = sendsMail(config) ? checkouts * noticesPerUnit : 0
  const usd =
    (notices / 1_000) * prices.mails.usd + ((notices * writesPerNotice) / 1_000_000) * prices.tableWrites.usd * factorOf(config)
  return [
    {
      component: "Notices",
      usd,
      basis:
        notices === 0 ? "none: no sender address" : `${notices.toLocaleString("en-US")} mails, ${writesPerNotice} writes each`,
    },
  ]
}
