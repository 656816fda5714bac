import type { QueryResult } from "pg"
import type { Allocation } from "../../domain/decide.ts"
import { type Instant, outcomeCodes } from "../../domain/reservation.ts"
import type { Row, Send } from "./sale-load.ts"

/**
 * Writes the decision of a request that did not stand in line, which the server refuses unless the sale is in direct mode and in `epoch`.
 * Nothing is sent for a request that was decided before: its decision stands in any mode.
 */
export function sendDirect(send: Send, epoch: number, { changes }: Allocation, now: Instant): Promise<QueryResult<Row>>[] {
  return changes.flatMap(({ skuNo, decisions, entries, newHolders }) =>
    decisions.map(({ seq, outcome, quantity, id, userId, owner, bodyHash }) => {
      const entry = entries.find(({ kind }) => kind === "decided")
      return send("writeDirect", [
        skuNo,
        seq,
        epoch,
        now,
        outcomeCodes[outcome],
        quantity,
        id,
        userId ?? null,
        owner,
        bodyHash,
        userId !== undefined && newHolders.has(userId),
        entry?.digest,
        entry?.refused,
      ])
    }),
  )
}
