import type { QueryResult } from "pg"
import type { Allocation } from "../../domain/decide.ts"
import { type Instant, outcomeCodes } from "../../domain/reservation.ts"
import type { Row } from "./rows.ts"
import type { Send } from "./statements.ts"

/**
 * Writes the decision of a request that did not go through Kafka. The server refuses it unless the sale is in direct mode and in
 * `epoch`. Nothing is sent for a request that was decided before: its decision holds in any mode.
 */
export function sendDirect(send: Send, epoch: number, { changes }: Allocation, now: Instant): Promise<QueryResult<Row>>[] {
  return changes.flatMap(({ skuNo, decisions, entries, newHolders }) =>
    decisions.map(({ seq, outcome, quantity, id, userId, owner, bodyHash }) => {
      const entry = entries.find(({ kind }) => kind === "decided")
      return send("writeDirect", {
        sku_no: skuNo,
        seq,
        epoch,
        now,
        outcome: outcomeCodes[outcome],
        quantity,
        id,
        user_id: userId,
        owner,
        body_hash: bodyHash,
        is_first_units: userId !== undefined && newHolders.has(userId),
        digest: entry?.digest,
        refused: entry?.refused,
      })
    }),
  )
}
