import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import { count, record } from "../../core/adapters/telemetry.ts"
import type { Batch } from "./batch.ts"

/** Units that left the stock, to requests and to those who waited, less those that came back. */
const unitsTaken = ({ changes }: Committed["allocation"]): number =>
  changes.reduce((sum, { entries }) => sum + entries.reduce((units, entry) => units + entry.reservedDelta, 0), 0)

/** Notes what a batch was and how long it took, from its first statement to its commit, in milliseconds. */
export function measure(batch: Batch, { allocation, loaded }: Committed, latencyMs: number): void {
  record("batch.size", batch.records.length)
  record("batch.latency", latencyMs)
  count("batch.processed", allocation.answers.length)
  const aside = batch.records.length - allocation.answers.length
  if (aside > 0) count("quarantine.count", aside)
  count("stock.depletion.rate", unitsTaken(allocation))
  for (const { decoded } of batch.records) {
    if (decoded.kind === "record") record("queue.wait", loaded.now / 1_000 - decoded.record.acceptedAtMs)
    else if (decoded.reason === "unknown-version") count("quarantine.unknown-version")
  }
}
